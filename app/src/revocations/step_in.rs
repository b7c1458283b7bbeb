//! Stepping in on a request that is past approval: each step that its state allows, with what it leads to. What the viewer
//! cannot do stays, and says why.

use domain::revocation::{CannotStepIn, RequestId, Step};
use domain::views::RequestDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api;
use crate::paths;
use crate::ui::{FormErrors, Panel, Panels, Refused, Section, Submit, TextArea, error_of, plural};

/// Nothing where no step is possible.
#[component]
pub fn StepIn(detail: RequestDetail, action: ServerAction<api::StepIn>) -> impl IntoView {
    let RequestDetail { request, steps, counts, .. } = detail;
    let (id, failures) = (request.id, counts.failed);
    let export = (failures > 0).then(|| {
        let href = paths::failed_certificates(&id);
        view! {
            <Panel title="Export">
                <p>{format!("The {} as a CSV file, each with what the CA said.", failed(failures))}</p>
                <div>
                    // safe link: from crate::paths
                    <a class="button" href=href download>
                        "Download the failed ones"
                    </a>
                </div>
            </Panel>
        }
    });
    let panel = move |(step, cannot): (Step, Option<CannotStepIn>)| {
        view! { <OneStep id=id.clone() step cannot failures action /> }
    };
    (!steps.is_empty()).then(|| {
        view! {
            <Section title="Step in">
                <Panels>{steps.into_iter().map(panel).collect_view()} {export}</Panels>
            </Section>
        }
    })
}

fn failed(count: u32) -> String {
    plural(u64::from(count), "failed certificate")
}

/// The button's words, and what it leads to.
fn words(step: Step, failures: u32) -> (&'static str, String) {
    match step {
        Step::Halt => (
            "Halt it",
            "No new call is made from now on; what is revoked stays revoked. An approver can let it go on."
                .to_owned(),
        ),
        Step::Resume => {
            ("Let it go on", "What is left is revoked after all. That cannot be undone.".to_owned())
        }
        Step::Retry => (
            "Try the failed ones again",
            format!("The {} may go through now. The approval is the same.", failed(failures)),
        ),
        Step::Close => (
            "Close it",
            "Nothing more of it is carried out, for good. What was revoked is still proven.".to_owned(),
        ),
    }
}

#[component]
fn OneStep(
    id: RequestId,
    step: Step,
    cannot: Option<CannotStepIn>,
    failures: u32,
    action: ServerAction<api::StepIn>,
) -> impl IntoView {
    let error = error_of(action);
    let (label, text) = words(step, failures);
    let closes = step == Step::Close;
    let hint = if closes { "10 to 2,000 characters, for the ledger." } else { "Optional, for the ledger." };
    view! {
        <Panel title=label>
            <p>{text}</p>
            {match cannot {
                Some(why) => view! { <Refused label why=why.to_string() /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <input type="hidden" name="id" value=id.to_string() />
                        <input type="hidden" name="step" value=step.name() />
                        <TextArea
                            name="why"
                            label="Why"
                            hint
                            required=closes
                            min_length=closes.then_some(10)
                            rows=2
                            error
                        />
                        <Submit error>{label}</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}
