//! The rows of lists, piece by piece, each as the columns of its file.

use app::queries::Exported;
use console::{Console, Error, EventPlace, FindingPlace};
use domain::certificate::{CertificateLine, CertificateStatus};
use domain::ledger::{Object, Who};
use domain::revocation::Request;
use domain::views::{
    ACTIVITY_COLUMNS, CERTIFICATE_COLUMNS, EventLine, Export, FINDING_COLUMNS, LEDGER_COLUMNS, LedgerLine,
    REQUEST_COLUMNS,
};
use domain::{Actor, Finding, FindingState, Role, Timestamp};
use serde_json::{Value, json};

/// What is left of a list.
pub struct Source {
    of: Exported,
    finding: Option<FindingPlace>,
    event: Option<EventPlace>,
    /// Of the columns that its file has, in their order.
    columns: Vec<usize>,
}

/// Some of its rows, each with the chosen columns.
pub struct Rows {
    pub rows: Vec<Vec<Value>>,
    pub now: Timestamp,
    pub as_of: Option<Timestamp>,
    pub more: bool,
}

impl Source {
    pub fn new(of: Exported, columns: Vec<usize>) -> Self {
        Self { of, finding: None, event: None, columns }
    }

    pub fn list(&self) -> Export {
        self.of.list()
    }

    /// The next rows; the other ones are left then.
    pub async fn next(&mut self, console: &Console, actor: &Actor) -> Result<Rows, Error> {
        let Self { of, finding, event, columns } = self;
        match of {
            Exported::Certificates(query) => {
                let piece = console.certificates_for_a_file(actor, query).await?;
                let rows = chosen(columns, piece.lines.iter().map(|line| certificate(line, piece.now)));
                let more = piece.next.map(|next| query.place = next).is_some();
                Ok(Rows { rows, now: piece.now, as_of: piece.as_of, more })
            }
            Exported::Findings(query) => {
                let piece = console.findings_for_a_file(actor, query, finding.take()).await?;
                let rows = chosen(columns, piece.lines.iter().map(self::finding));
                *finding = piece.next;
                Ok(Rows { rows, now: piece.now, as_of: piece.as_of, more: finding.is_some() })
            }
            Exported::Activity(query) => {
                let piece = console.activity_for_a_file(actor, query, event.take()).await?;
                let rows = chosen(columns, piece.lines.iter().map(activity));
                *event = piece.next;
                Ok(Rows { rows, now: piece.now, as_of: piece.as_of, more: event.is_some() })
            }
            Exported::Requests(query) => {
                let piece = console.requests_for_a_file(actor, query).await?;
                let rows = chosen(columns, piece.lines.iter().map(request));
                query.before = piece.next;
                Ok(Rows { rows, now: piece.now, as_of: piece.as_of, more: query.before.is_some() })
            }
            Exported::Ledger(query) => {
                let piece = console.ledger_for_a_file(actor, query).await?;
                let rows = chosen(columns, piece.lines.iter().map(entry));
                query.before = piece.next;
                Ok(Rows { rows, now: piece.now, as_of: piece.as_of, more: query.before.is_some() })
            }
        }
    }
}

fn chosen<const N: usize>(columns: &[usize], rows: impl Iterator<Item = [Value; N]>) -> Vec<Vec<Value>> {
    let pick = |mut row: [Value; N]| {
        columns.iter().filter_map(|place| row.get_mut(*place).map(Value::take)).collect()
    };
    rows.map(pick).collect()
}

fn certificate(line: &CertificateLine, now: Timestamp) -> [Value; CERTIFICATE_COLUMNS.len()] {
    [
        json!(line.authority.as_str()),
        json!(line.serial.colons()),
        json!(line.device),
        json!(line.subject),
        json!(line.issued_at),
        json!(line.expires_at),
        json!(line.revoked_at),
        json!(CertificateStatus::at(now, line.expires_at, line.revoked_at).name()),
        json!(line.in_report),
        json!(line.in_inventory),
    ]
}

fn finding(finding: &Finding) -> [Value; FINDING_COLUMNS.len()] {
    let Finding { id, state, evidence, .. } = finding;
    let (owner, due, reason) = match state {
        FindingState::Acknowledged { owner, due } => (Some(&owner.name), *due, None),
        FindingState::Dismissed { by, reason } => (Some(&by.name), None, Some(reason)),
        _ => (None, None, None),
    };
    [
        json!(id.to_string()),
        json!(id.kind.severity().name()),
        json!(id.kind.name()),
        json!(app::findings::headline_of(finding)),
        json!(finding.authority.as_ref().map(|authority| authority.as_str())),
        json!(id.subject.serial().map(|serial| serial.colons())),
        json!(evidence.inventory.first().map(|item| item.device.as_str())),
        json!(state.name().name()),
        json!(owner),
        json!(due),
        json!(reason),
        json!(finding.issued_at()),
        json!(evidence.issuance.as_ref().map(|issuance| issuance.identity.principal.as_str())),
        json!(finding.first_seen),
        json!(finding.changed_at),
    ]
}

fn activity(line: &EventLine) -> [Value; ACTIVITY_COLUMNS.len()] {
    let EventLine { event, proof } = line;
    [
        json!(event.time),
        json!(event.name),
        json!(event.id),
        json!(event.source),
        json!(event.region),
        json!(event.account),
        json!(event.identity.principal),
        json!(event.identity.session),
        json!(event.identity.access_key),
        json!(event.address),
        json!(event.outcome().name()),
        json!(event.serial.map(|serial| serial.colons())),
        json!(proof.name()),
    ]
}

fn request(request: &Request) -> [Value; REQUEST_COLUMNS.len()] {
    [
        json!(request.id),
        json!(request.authority.as_str()),
        json!(request.state.name()),
        json!(request.mode.name()),
        json!(request.target_count),
        json!(request.first_target.serial.colons()),
        json!(request.reason.aws()),
        json!(request.justification),
        json!(request.ticket),
        json!(request.requester.name),
        json!(request.requested_at),
        json!(request.expires_at),
        json!(request.approvals()),
        json!(request.approvals_needed),
        json!(request.executed_at),
        json!(request.proven_at),
    ]
}

/// An entry that this version cannot read is there with its text.
fn entry(line: &LedgerLine) -> [Value; LEDGER_COLUMNS.len()] {
    let LedgerLine { seq, hash, body, .. } = line;
    let Ok(body) = body else {
        let text = body.as_ref().err();
        let [time, who, person, roles, action, ending, about] = Default::default();
        return [json!(seq), time, who, person, roles, action, ending, about, json!(text), json!(hash)];
    };
    let (who, person, roles) = match &body.who {
        Who::Person { person, roles } => {
            let roles: Vec<&str> = roles.iter().copied().map(Role::name).collect();
            (person.name.as_str(), Some(person.id.as_str()), roles.join(" "))
        }
        Who::System { part } => (part.as_str(), None, String::new()),
        Who::Stranger => ("", None, String::new()),
    };
    [
        json!(seq),
        json!(body.at),
        json!(who),
        json!(person),
        json!(roles),
        json!(body.action.name()),
        json!(body.action.ending().name()),
        json!(about(&body.object)),
        json!(body.detail),
        json!(hash),
    ]
}

/// As the ledger's filter takes it, where it does.
fn about(object: &Object) -> String {
    match object {
        Object::Request(id) => format!("request:{id}"),
        Object::Finding(id) => format!("finding:{id}"),
        Object::Run { id, .. } => format!("run:{id}"),
        Object::Certificate { authority, serial } => format!("certificate:{}/{serial}", authority.id()),
        Object::Incident(id) => format!("incident:{id}"),
        Object::Session => "session".to_owned(),
        Object::Route(path) => format!("route:{path}"),
    }
}
