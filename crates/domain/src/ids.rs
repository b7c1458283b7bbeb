//! The ids that Countersign gives: to runs and to requests.

use crate::id::id;

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

id!(
    /// A UUID of version 7: ids sort by the time of their making.
    RunId,
    "the id of a run (a lower-case UUID)",
    is_uuid
);

id!(
    /// A UUID of version 7: ids sort by the time of their making.
    RequestId,
    "the id of a request (a lower-case UUID)",
    is_uuid
);

id!(
    /// A UUID of version 7: ids sort by the time of their making.
    BulkId,
    "the id of what is done to many findings (a lower-case UUID)",
    is_uuid
);

id!(
    /// A UUID of version 7: ids sort by the time of their making.
    PackId,
    "the id of a pack of evidence (a lower-case UUID)",
    is_uuid
);

id!(
    /// A UUID of version 7: ids sort by the time of their making.
    IncidentId,
    "the id of an incident (a lower-case UUID)",
    is_uuid
);
