//! Claims as no provider should send them: mutations of those that providers do send never panic.

use proptest::prelude::*;
use serde_json::{Value, json};

#[path = "../../../fuzz/src/claims.rs"]
mod entry;

fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::collection::vec(".{0,9}", 0..4).prop_map(Value::from),
        Just(json!({"roles": ["a", 7]})),
    ]
}

proptest! {
    #[test]
    fn no_claim_panics(changes in prop::collection::vec((any::<prop::sample::Index>(), odd()), 0..6)) {
        const NAMES: [&str; 14] = [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "name", "email", "groups", "cognito:groups",
            "realm_access", "hasgroups", "_claim_names", "events",
        ];
        let mut claims = json!({
            "iss": "https://login.example.com", "sub": "7", "aud": "countersign", "exp": 1_700_000_300,
            "iat": 1_700_000_000, "auth_time": 1_699_999_990, "groups": ["pki-operators"],
        });
        for (name, value) in changes {
            claims[*name.get(&NAMES)] = value;
        }
        entry::claims(claims.to_string().as_bytes());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        entry::claims(&bytes);
    }
}
