//! What an entry says of several findings.

use std::collections::BTreeMap;

use domain::ledger::Body;
use domain::{Finding, FindingId};

/// Several findings are told of by their subjects, by kind and scope.
pub(crate) fn with_subjects(mut body: Body, findings: &[Finding]) -> Body {
    if findings.len() < 2 {
        return body;
    }
    let mut alike: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for FindingId { kind, scope, subject } in findings.iter().map(|finding| &finding.id) {
        alike.entry(format!("{kind}.{scope}")).or_default().push(subject.to_string());
    }
    for (name, subjects) in alike {
        body = body.with(&name, subjects.join(" "));
    }
    body.with("count", findings.len())
}
