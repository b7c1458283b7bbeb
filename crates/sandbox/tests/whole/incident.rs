//! An incident: many certificates, one key, and nobody who has written any of them down.

use std::collections::BTreeSet;
use std::time::Duration;

use sandbox::{Options, Sandbox, Trouble};

use crate::support::{Directory, inventory, reports, small};
use crate::trail_files::Trail;

#[tokio::test]
async fn an_incident_is_one_key_many_certificates_and_no_inventory() {
    let directory = Directory::new();
    let options = Options { devices: 3, incident: 120, ..small(&directory) };
    let clock = options.clock.clone();
    let began = clock.now();
    let sandbox = Sandbox::start(options).await.unwrap();
    let description = sandbox.description();
    let those = description.planted_detail.iter().filter(|planted| planted.trouble == Trouble::Incident);
    let those: BTreeSet<&String> = those.map(|planted| &planted.serial).collect();
    assert_eq!(those.len(), 120);
    let unauthorised: BTreeSet<&String> = description.planted["unauthorized_issuance"].iter().collect();
    assert!(unauthorised.is_superset(&those));
    assert_eq!(description.planted["issuance_burst"], ["arn:aws:iam::111122223333:role/field-service"]);

    let (reported, recorded) = (reports(description).await, inventory(description).await);
    // Reading it verifies every digest.
    let trail = Trail::read(description).await;
    let issued = trail.issued();
    let mut times = BTreeSet::new();
    for serial in those {
        assert!(reported.contains_key(serial) && !recorded.contains_key(serial), "{serial}");
        let events = &issued[serial];
        let names: BTreeSet<&str> = events.iter().map(|event| event["eventName"].as_str().unwrap()).collect();
        assert_eq!(names, BTreeSet::from(["IssueCertificate", "IssueCertificateDetails"]));
        let call = events.iter().find(|event| event["eventName"] == "IssueCertificate").unwrap();
        let who = &call["userIdentity"];
        assert_eq!(who["arn"], "arn:aws:sts::111122223333:assumed-role/field-service/tablet-0413");
        assert_eq!(who["accessKeyId"], "SANDBOXFIELDSERVICE0");
        assert_eq!(call["sourceIPAddress"], "192.0.2.199");
        times.insert(call["eventTime"].as_str().unwrap());
    }
    let format = &time::format_description::well_known::Rfc3339;
    let at = |text: &&str| time::OffsetDateTime::parse(text, format).unwrap();
    let (first, last) = (times.first().map(at).unwrap(), times.last().map(at).unwrap());
    assert!(last - first > Duration::from_secs(400) && began - last > Duration::from_secs(120));
    // The thief is in no other trouble than this.
    let by_him = trail.records().filter(|record| record["sourceIPAddress"] == "192.0.2.199");
    let ids: BTreeSet<&str> = by_him.map(|record| record["eventID"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 120);
    sandbox.shutdown().await;
}
