//! What a configuration file may hold, and what is said about one that may not.

use std::time::Duration;

use domain::revocation::Mode;
use domain::trail::Issuers;

use super::*;

const EXAMPLE: &str = include_str!("../../../countersign.example.toml");

pub(super) fn parse(text: &str) -> Result<Config, Problems> {
    Config::parse(text, Path::new("countersign.toml"))
}

/// The keys that have no default, and nothing else.
pub(super) const LEAST: &str = r#"
[server]
data_dir = "/var/lib/countersign"
[aws]
region = "eu-central-1"
account = "111122223333"
[tables]
console = "countersign"
[inventory]
table = "device-certificates"
[[authorities]]
arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566"
name = "devices"
report_bucket = "pki-reports"
[oidc]
issuer = "https://login.example.com"
client_id = "countersign"
[roles]
operator = ["pki-operators"]
"#;

#[test]
fn defaults_are_safe() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.revocation.mode, Mode::Drill);
    assert!(config.server.listen.ip().is_loopback());
    assert!(!config.oidc.allow_sandbox_sign_in);
    assert_eq!(config.policy.request_expiry, Duration::from_secs(86_400));
    assert_eq!(config.reconcile.grace, Duration::from_secs(900));
}

/// What the example says in its comments is what happens without them.
#[test]
fn the_example_holds_every_key_with_its_default() {
    let example = parse(EXAMPLE).unwrap();
    let commented: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix("#: ").unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let all = parse(&commented).unwrap();
    assert_eq!(format!("{:?}", defaults(all)), format!("{:?}", defaults(example)));
}

#[test]
fn a_trail_is_that_of_the_account_and_region_unless_it_says_otherwise() {
    assert_eq!(parse(LEAST).unwrap().trail, None);
    let with = |lines: &str| parse(&format!("{LEAST}[trail]\nbucket = \"org-trail\"\n{lines}")).unwrap();
    let least = with("").trail.unwrap();
    assert_eq!((least.accounts[0].as_str(), least.regions[0].as_str()), ("111122223333", "eu-central-1"));
    // The example's comments show the defaults.
    let commented =
        EXAMPLE[EXAMPLE.find("#: [trail]").unwrap()..EXAMPLE.find("#: [[issuers]]").unwrap()].lines();
    let keys: String =
        commented.filter_map(|line| line.strip_prefix("#: ")).flat_map(|line| [line, "\n"]).collect();
    let mut example = parse(&format!("{LEAST}{keys}")).unwrap().trail.unwrap();
    assert_eq!(example.organization.take().as_deref(), Some("o-exampleorgid"));
    assert!(example.kms_key.take().is_some());
    assert_eq!(example, least);
    for (written, prefix) in [("", ""), ("logs", "logs/"), ("logs/pki/", "logs/pki/")] {
        assert_eq!(with(&format!("prefix = {written:?}")).trail.unwrap().prefix, prefix);
    }
}

#[test]
fn issuers_are_read_with_their_bounds() {
    let text = format!(
        "{LEAST}[[issuers]]\nprincipal = \"arn:aws:iam::111122223333:role/service/provisioning\"\n\
         session = \"fleet*\"\naddresses = [\"10.20.0.0/16\", \"192.0.2.7\"]\n"
    );
    let issuers = parse(&text).unwrap().issuers;
    assert_eq!(issuers.entries().len(), 1);
    assert_eq!(issuers.entries()[0].session.as_deref(), Some("fleet*"));
    assert_eq!(issuers.entries()[0].addresses[1], "192.0.2.7/32".parse().unwrap());
    assert_eq!(parse(LEAST).unwrap().issuers, Issuers::default());
    let service = |name: &str| parse(&format!("{LEAST}[[issuers]]\nservice = {name:?}\n"));
    assert!(service("acm.amazonaws.com").unwrap().issuers.name_service("acm.amazonaws.com"));
    assert!(service("arn:aws:iam::111122223333:user/ci").is_err());
}

fn defaults(config: Config) -> Config {
    let mut config = config;
    // These have no default: the example can only show their form.
    config.server.public_url = None;
    config.server.operations_listen = None;
    config.server.trusted_proxies = Vec::new();
    config.server.environment = None;
    config.aws.executor_profile = None;
    config.policy.quorum = Vec::new();
    config.policy.break_glass = None;
    config.policy.reasons = Vec::new();
    config.policy.acr = Vec::new();
    config.policy.amr = Vec::new();
    config.policy.people_claim = None;
    config.oidc.people_claim = None;
    config.roles = config.roles.besides([]);
    config.policy.excluded = Vec::new();
    config.authorities.iter_mut().for_each(|authority| authority.known_cas = Vec::new());
    config.reconcile.expired_after = None;
    config.schedules.named.clear();
    config.oidc.cognito_logout = None;
    config.trail = None;
    config.issuers = Issuers::default();
    config.notify.clear();
    config.ledger = None;
    config.controls = None;
    config
}

#[test]
fn everything_is_said_at_once_with_its_line() {
    let broken = r#"
[server]
listen = "everywhere"
operations_listen = "0.0.0.0:3000"
trusted_proxies = ["10.0.0.0/33"]
data_dir = 7
colour = "blue"
[aws]
region = "Frankfurt"
[inventory]
table = "x"
[inventory.attributes]
device = "id"
serial = "id"
[[authorities]]
arn = "arn:aws:s3:::bucket"
name = "devices"
[oidc]
issuer = "http://login.example.com"
client_id = "countersign"
allow_sandbox_sign_in = "yes"
[policy]
fresh_sign_in = "soon"
approval_life = "2s"
acr = ["gold silver"]
amr = []
sign_in_time = "now"
dismiss_critical = 3
break_glass = { groups = [] }
[[policy.quorum]]
approvals = 0
reasons = ["BOREDOM"]
represented = [{ group = "security", approvals = 0, people = 1 }, { approvals = 1 }]
[people]
claim = "/a~2"
[revocation]
mode = "maybe"
rate = -1
paused = "no"
[reconcile]
grace = "400d"
[trail]
prefix = "x/AWSLogs"
organization = "acme"
accounts = ["111122223333", "4444"]
interval = "0s"
[[issuers]]
principal = "provisioning"
addresses = ["10.20.0.0/16", "office"]
templates = ["EndEntityCertificate/V1"]
[[issuers]]
principal = "arn:aws:iam::111122223333:user/ci"
session = "fleet*"
[alerts]
denied = 0
denied_within = "1y"
[[notify]]
name = "On Call"
kind = "webhook"
address = "http://hooks.example.com"
kinds = ["test"]
severity = "worse"
digest = "7"
[limits]
connections = 1
headers = "0s"
person = 0
sign_ins = "many"
"#;
    let problems = parse(broken).unwrap_err();
    let said: Vec<(Option<usize>, &str)> =
        problems.all().iter().map(|problem| (problem.line, problem.key.as_str())).collect();
    let expected = [
        (Some(3), "server.listen"),
        (Some(4), "server.operations_listen"),
        (Some(5), "server.trusted_proxies"),
        (Some(6), "server.data_dir"),
        (Some(7), "server.colour"),
        (Some(8), "aws.account"),
        (Some(9), "aws.region"),
        (Some(11), "inventory.table"),
        (Some(14), "inventory.attributes.serial"),
        (Some(15), "authorities[1].report_bucket"),
        (Some(16), "authorities[1].arn"),
        (Some(19), "oidc.issuer"),
        (Some(21), "oidc.allow_sandbox_sign_in"),
        (Some(23), "policy.fresh_sign_in"),
        (Some(24), "policy.approval_life"),
        (Some(25), "policy.acr"),
        (Some(26), "policy.amr"),
        (Some(27), "policy.sign_in_time"),
        (Some(28), "policy.dismiss_critical"),
        (Some(29), "policy.break_glass.groups"),
        (Some(31), "policy.quorum[1].approvals"),
        (Some(32), "policy.quorum[1].reasons"),
        (Some(33), "policy.quorum[1].represented[1].approvals"),
        (Some(33), "policy.quorum[1].represented[1].people"),
        (Some(33), "policy.quorum[1].represented[2].group"),
        (Some(35), "people.claim"),
        (Some(37), "revocation.mode"),
        (Some(38), "revocation.rate"),
        (Some(39), "revocation.paused"),
        (Some(41), "reconcile.grace"),
        (Some(42), "trail.bucket"),
        (Some(43), "trail.prefix"),
        (Some(44), "trail.organization"),
        (Some(45), "trail.accounts"),
        (Some(46), "trail.interval"),
        (Some(48), "issuers[1].principal"),
        (Some(49), "issuers[1].addresses"),
        (Some(50), "issuers[1].templates"),
        (Some(53), "issuers[2].session"),
        (Some(55), "alerts.denied"),
        (Some(56), "alerts.denied_within"),
        (Some(58), "notify[1].name"),
        (Some(60), "notify[1].address"),
        (Some(61), "notify[1].kinds"),
        (Some(62), "notify[1].severity"),
        (Some(63), "notify[1].digest"),
        (Some(65), "limits.connections"),
        (Some(66), "limits.headers"),
        (Some(67), "limits.person"),
        (Some(68), "limits.sign_ins"),
        (None, "roles.auditor"),
        (None, "tables.console"),
    ];
    let mut said = said;
    said.sort_by_key(|(line, key)| (line.unwrap_or(usize::MAX), *key));
    assert_eq!(said, expected);
    assert!(problems.all().iter().all(|problem| !problem.remedy.is_empty()));
    assert!(
        problems
            .to_string()
            .contains("countersign.toml:19: oidc.issuer: does not begin with https://\n    Write")
    );
    assert!(problems.to_string().ends_with("52 problems"), "{problems}");
}

#[test]
fn scopes_are_those_beyond_openid() {
    let with = |scopes: &str| parse(&LEAST.replace("client_id", &format!("scopes = {scopes}\nclient_id")));
    let asked = with(r#"["profile", "groups"]"#).unwrap().oidc.scopes;
    assert_eq!(asked, ["profile", "groups"].map(|name| openidconnect::Scope::new(name.to_owned())));
    for wrong in [r#"["openid"]"#, r#"["profile groups"]"#, r#"["a\"b"]"#, r#""profile""#] {
        assert_eq!(with(wrong).unwrap_err().all()[0].key, "oidc.scopes", "{wrong}");
    }
}

#[test]
fn groups_are_named_or_pointed_to_and_cognito_has_an_address() {
    let with = |line: &str| parse(&LEAST.replace("client_id", &format!("{line}\nclient_id")));
    let claim = |claim: &str| with(&format!("groups_claim = {claim:?}"));
    for good in
        ["groups", "https://pki.example.com/groups", "/realm_access/roles", "/a~1b/~0", "cognito:groups"]
    {
        assert_eq!(claim(good).unwrap().oidc.groups_claim, good);
    }
    for wrong in ["", "/a~2", "/a~"] {
        assert_eq!(claim(wrong).unwrap_err().all()[0].key, "oidc.groups_claim", "{wrong}");
    }
    let logout = |address: &str| with(&format!("cognito_logout = {address:?}"));
    assert!(logout("https://x.auth.example.com/logout").unwrap().oidc.cognito_logout.is_some());
    for wrong in ["http://x.auth.example.com/logout", "https://x/logout?client_id=1", "logout"] {
        assert_eq!(logout(wrong).unwrap_err().all()[0].key, "oidc.cognito_logout", "{wrong}");
    }
}

#[test]
fn broken_toml_says_where() {
    let problems = parse("[server\nlisten = \n[aws]\nregion = 'x").unwrap_err();
    assert!(problems.all().len() >= 2, "{problems}");
    assert_eq!(problems.all()[0].line, Some(1));
}

#[test]
fn sandbox_sign_in_stays_on_this_machine() {
    let allowed = LEAST.replace("client_id", "allow_sandbox_sign_in = true\nclient_id");
    let problems = parse(&allowed).unwrap_err();
    assert_eq!(problems.all()[0].key, "oidc.allow_sandbox_sign_in");
    let local = allowed.replace("https://login.example.com", "http://127.0.0.1:3001");
    assert!(parse(&local).unwrap().oidc.allow_sandbox_sign_in);
}

#[test]
fn whoever_is_reachable_needs_an_address() {
    let open = LEAST.replace("[server]", "[server]\nlisten = \"0.0.0.0:3000\"");
    assert_eq!(parse(&open).unwrap_err().all()[0].key, "server.public_url");
    let addressed = open.replace("listen", "public_url = \"https://pki.example.com\"\nlisten");
    assert_eq!(parse(&addressed).unwrap().server.public_url.unwrap().origin(), "https://pki.example.com");
}

#[test]
fn authorities_are_each_named_once_and_of_one_region() {
    let (first, second) = LEAST.split_at(LEAST.find("[oidc]").unwrap());
    let entry = &first[first.find("[[authorities]]").unwrap()..];
    let twice = parse(&format!("{first}{entry}{second}")).unwrap_err();
    assert_eq!(twice.all().len(), 2, "{twice}");
    let elsewhere = LEAST.replace("acm-pca:eu-central-1", "acm-pca:us-east-1");
    assert_eq!(parse(&elsewhere).unwrap_err().all()[0].key, "authorities[1].arn");
}

pub(super) const DEVICES: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

#[test]
fn runs_are_made_weekly_unless_a_schedule_says_otherwise() {
    let of = |lines: &str| {
        let config = parse(&format!("{LEAST}{lines}")).unwrap();
        config.schedules.of(&config.authorities[0].arn.id()).map(|plan| plan.cron.to_string())
    };
    assert_eq!(of("").as_deref(), Some("0 3 * * 1"));
    assert_eq!(of("[[schedule]]\nspread = \"0s\"").as_deref(), Some("0 3 * * 1"));
    assert_eq!(of("[[schedule]]\ncron = \"30 4 * * *\"").as_deref(), Some("30 4 * * *"));
    assert_eq!(of("[[schedule]]\ncron = \"never\""), None);
    let named = format!(
        "[[schedule]]\nauthorities = [{DEVICES:?}]\ncron = \"0 5 1 * *\"\n[[schedule]]\ncron = \"never\""
    );
    assert_eq!(of(&named).as_deref(), Some("0 5 1 * *"));
}

#[test]
fn a_schedule_that_cannot_be_kept_says_why() {
    let wrong = |lines: &str| parse(&format!("{LEAST}{lines}")).unwrap_err().to_string();
    for (lines, said) in [
        ("[[schedule]]\ncron = \"hourly\"", "schedule[1].cron: is not times as cron writes them"),
        ("[[schedule]]\ncron = \"*/5 * * * *\"", "schedule[1].cron: is more often than every 30 minutes"),
        ("[[schedule]]\ncron = \"0 0 31 2 *\"", "schedule[1].cron: is never: there is no such day"),
        ("[[schedule]]\nspread = \"2d\"", "schedule[1].spread: is not between"),
        ("[[schedule]]\n[[schedule]]\n", "schedule[2].authorities: is missing, as in another entry"),
        ("[schedule]\ncron = \"0 3 * * 1\"", "schedule: is not a list of tables"),
    ] {
        assert!(wrong(lines).contains(said), "{said}: {}", wrong(lines));
    }
    let entry = |arn: &str| format!("[[schedule]]\nauthorities = [{arn:?}]\n");
    let unknown = wrong(&entry(&DEVICES.replace("112233445566", "112233445567")));
    assert!(unknown.contains("which is not one of [[authorities]]"), "{unknown}");
    let twice = wrong(&[entry(DEVICES), entry(DEVICES)].concat());
    assert!(twice.contains("as another entry does"), "{twice}");
}

#[test]
fn one_thing_signs_the_ledger() {
    let with = |lines: &str| {
        let key = "pki.example.com/countersign+f5744a12+AchWj/ZgGaw5yZ2giTsLOFo4Q+wt3oOU3uqhye3tJbdq";
        parse(&format!("{LEAST}[ledger]\nbucket = \"pki-ledger\"\nkeys = [{key:?}]\n{lines}"))
    };
    let arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let (file, kms) = ("key_file = \"/etc/ledger.key\"\n", format!("kms_key = {arn:?}\n"));
    let signer = |lines: &str| with(lines).unwrap().ledger.unwrap().signer;
    assert!(signer("").is_none());
    assert!(matches!(signer(file), Some(Signer::File(_))));
    assert!(matches!(signer(&kms), Some(Signer::Kms(key)) if key == arn));
    let both = with(&format!("{file}{kms}")).unwrap_err().to_string();
    assert!(both.contains("ledger.kms_key: and ledger.key_file both sign"), "{both}");
    assert!(with("kms_key = \"alias/ledger\"").is_err());
}
