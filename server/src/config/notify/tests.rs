//! What channels a configuration may have.

use std::time::Duration;

use super::super::tests::{DEVICES, LEAST, parse};

#[test]
fn channels_are_named_once_and_take_what_they_say() {
    let with = |lines: &str| parse(&format!("{LEAST}{lines}"));
    let channel = |name: &str, more: &str| {
        format!(
            "[[notify]]\nname = {name:?}\nkind = \"slack\"\naddress = \"https://hooks.slack.com/{{secret}}\"\n{more}"
        )
    };
    let routed = channel("chat", "kinds = [\"request_waits\"]\nseverity = \"high\"\ndigest = \"07:30\"\n");
    let read = with(&routed).unwrap().notify.remove(0);
    assert_eq!(
        (read.kind().name(), read.host().as_str(), read.needs_secret()),
        ("slack", "hooks.slack.com", true)
    );
    assert_eq!(read.route.digest.unwrap().at, Duration::from_secs(27_000));
    let mail = "[[notify]]\nname = \"mail\"\nkind = \"email\"\nserver = \"smtp://mail.example.com\"\nfrom = \"PKI <pki@example.com>\"\nto = [\"a@example.com\"]\n";
    let read = with(mail).unwrap().notify.remove(0);
    assert_eq!((read.host().as_str(), read.needs_secret()), ("mail.example.com", false));
    let topic =
        "[[notify]]\nname = \"topic\"\nkind = \"sns\"\ntopic = \"arn:aws:sns:eu-west-1:111122223333:pki\"\n";
    let read = with(topic).unwrap().notify.remove(0);
    assert_eq!((read.host().as_str(), read.needs_secret()), ("sns.eu-west-1: pki", false));
    assert_eq!((read.kind().name(), read.kind().label()), ("sns", "SNS topic"));
    let elsewhere = format!("authorities = [{:?}]\n", DEVICES.replace("112233445566", "112233445567"));
    for (lines, said) in [
        ([channel("chat", ""), channel("chat", "")].concat(), "notify[2].name: is that of another channel"),
        (channel("chat", &elsewhere), "which is not one of [[authorities]]"),
        (channel("chat", "digest_up_to = \"low\"\n"), "notify[1].digest_up_to: needs digest"),
        (channel("chat", "to = [\"a@example.com\"]\n"), "notify[1].to: is not a setting"),
        (mail.replace("a@example.com", "nobody"), "notify[1].to: entry 1 is"),
        (
            mail.replace("mail.example.com", "localhost") + "user = \"me\"\n",
            "notify[1].user: would be sent in the clear",
        ),
        (channel("hook", "").replace("slack", "webhook"), "has {secret} in it"),
        (channel("chat", "").replace("slack", "sns"), "notify[1].topic: is missing"),
        (topic.replace(":sns:", ":sqs:"), "notify[1].topic: is not an ARN of an SNS topic"),
        (topic.replace(":pki", ":pki.fifo"), "notify[1].topic: is the ARN of a FIFO topic"),
        (topic.replace(":pki", ":pki.fifo"), "Write the ARN of a standard topic"),
        (topic.to_owned() + "address = \"https://a.example.com/\"\n", "notify[1].address: is not a setting"),
        ((0..21).map(|n| channel(&format!("c{n}"), "")).collect(), "is one of more than 20"),
        (
            "[alerts]\nwebhook = \"https://hooks.example.com/\"\n".to_owned(),
            "alerts.webhook: is not a setting",
        ),
    ] {
        let problems = with(&lines).unwrap_err().to_string();
        assert!(problems.contains(said), "{said}: {problems}");
    }
}
