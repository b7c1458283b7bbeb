//! Pages to decide on: a request and its decision.

use app::error::AppError;
use app::paths;
use app::ui::{
    Badge, Choice, Choices, Column, Crumb, Event, Fact, Facts, Flash, FormActions, FormErrors, Long,
    PageHead, Refused, Section, SerialText, Submit, Table, TextArea, TextField, Timeline, Tone,
    TypedConfirmation, Weight,
};
use domain::RevocationReason;
use domain::certificate::CertificateStatus;
use domain::revocation::{Refusal, RequestState};
use leptos::prelude::*;

use crate::sample::{minutes_ago, serial};

fn targets() -> impl IntoView {
    let columns = vec![Column::text("Serial number"), Column::text("Device"), Column::text("Outcome")];
    let rows =
        [(1, CertificateStatus::Active), (2, CertificateStatus::Active), (3, CertificateStatus::Revoked)];
    let rows = rows.map(|(n, status)| {
        view! {
            <tr>
                <th scope="row">
                    <SerialText serial=serial(n) />
                </th>
                <td>{format!("sensor-{n:05}")}</td>
                <td>
                    <Badge of=status />
                </td>
            </tr>
        }
    });
    view! {
        <Table caption="Targets" columns>
            {rows.into_iter().collect_view()}
        </Table>
    }
}

pub fn request() -> impl IntoView {
    let message = "Say why in 10 to 2,000 characters: the approvers decide by it.";
    let error = Signal::stored(Some(AppError::invalid("justification", message)));
    let reasons = RevocationReason::ALL
        .map(|reason| Choice::new(reason.aws(), reason.label()).meaning(reason.meaning()))
        .into();
    view! {
        <PageHead title="Request the revocation of 2 certificates" crumbs=vec![Crumb::new("Revocations", paths::REVOCATIONS)] />
        <FormErrors error />
        <Section title="What would happen">{targets()}</Section>
        <form class="form">
            <Choices name="reason" legend="Reason" choices=reasons chosen="KEY_COMPROMISE" error />
            <TextArea name="justification" label="Justification" hint="The approvers decide by it." error required=true />
            <TextField name="ticket" label="Ticket" hint="Optional: a reference into your own system." error />
            <TypedConfirmation name="count" expected=2 noun="certificates" error />
            <FormActions cancel=paths::FINDINGS.to_owned()>
                <Submit weight=Weight::Primary>"Request revocation"</Submit>
            </FormActions>
        </form>
    }
}

pub fn decide() -> impl IntoView {
    let hash = "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b";
    view! {
        <PageHead title="Revoke 2 certificates of Devices EU" crumbs=vec![Crumb::new("Revocations", paths::REVOCATIONS)]>
            <Badge of=RequestState::Pending />
            "0 of 1 approvals · expires in 23 hours"
        </PageHead>
        <Flash tone=Tone::Pending title="Dry run: an approved revocation is rehearsed and not made" />
        <div class="stack">
            <Facts>
                <Fact label="Requested by">"operator"</Fact>
                <Fact label="Reason">{RevocationReason::KeyCompromise.label()}</Fact>
                <Fact label="Ticket">"INC-4711"</Fact>
                <Fact label="Hash" copy=hash>
                    <Long value=hash />
                </Fact>
                <Fact label="Justification" wide=true>
                    "The key of legacy-deploy leaked with the build server; both certificates were issued by it."
                </Fact>
            </Facts>
        </div>
        <Section title="Targets">{targets()}</Section>
        <Section title="Progress">
            <Timeline>
                <Event at=Some(minutes_ago(12)) what="Requested" who=Some("operator".to_owned()) mark=RequestState::Pending />
                <Event at=None what="Waiting for 1 approval" />
                <Event at=None what="Revocation at the CA" />
                <Event at=None what="On the CRL, usually within 30 minutes" />
            </Timeline>
        </Section>
        <Section title="Decide">
            <FormActions cancel=paths::REVOCATIONS.to_owned()>
                <Submit weight=Weight::Danger>"Approve 2 revocations"</Submit>
                <Submit>"Reject"</Submit>
            </FormActions>
            <div class="row">
                <Refused label="Approve" why=Refusal::OwnRequest.to_string() />
            </div>
        </Section>
    }
}
