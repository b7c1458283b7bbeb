//! `[aws]`, `[tables]`, `[inventory]` and `[[authorities]]`: where the records are.

use domain::inventory::InventoryAttributes;
use domain::{AuthorityArn, Serial};

use super::section::Section;
use super::value::{account, bucket, list_of, parsed, region, table, text};

/// `[aws]`. Credentials come the way every AWS program finds them.
#[derive(Clone, Debug)]
pub struct Aws {
    pub region: String,
    pub account: String,
    /// The profile whose credentials may revoke. `None`: the ones that read.
    pub executor_profile: Option<String>,
}

/// `[inventory]`: the table that the provisioning service writes.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub table: String,
    pub attributes: InventoryAttributes,
}

/// One of `[[authorities]]`.
#[derive(Clone, Debug)]
pub struct Authority {
    pub arn: AuthorityArn,
    pub name: String,
    /// Where AWS writes its audit reports.
    pub report_bucket: String,
    /// Serial numbers of certificates of CAs that it has signed.
    pub known_cas: Vec<Serial>,
}

pub(super) fn aws(section: Section<'_>) -> Option<Aws> {
    let region =
        section.required("region", "Name the Region of the authorities, such as \"eu-central-1\".", region);
    let account =
        section.required("account", "Name the account: aws sts get-caller-identity says it.", account);
    let executor_profile = section.optional(
        "executor_profile",
        "Name a profile of the AWS configuration, or leave it out to revoke with the credentials that read.",
        text,
    );
    section.finish();
    Some(Aws { region: region?, account: account?, executor_profile })
}

pub(super) fn tables(section: Section<'_>) -> Option<String> {
    let console =
        section.required("console", "Name the DynamoDB table that belongs to Countersign alone.", table);
    section.finish();
    console
}

pub(super) fn inventory(section: Section<'_>) -> Option<Inventory> {
    let name =
        section.required("table", "Name the DynamoDB table that the provisioning service writes.", table);
    let attributes = attributes(section.section("attributes"));
    section.finish();
    Some(Inventory { table: name?, attributes })
}

fn attributes(section: Section<'_>) -> InventoryAttributes {
    let mut attributes = InventoryAttributes::default();
    let fields: [(&'static str, &mut String); 8] = [
        ("device", &mut attributes.device_id),
        ("serial", &mut attributes.cert_serial),
        ("authority", &mut attributes.ca_arn),
        ("subject", &mut attributes.subject),
        ("issued_at", &mut attributes.issued_at),
        ("expires_at", &mut attributes.expires_at),
        ("revoked_at", &mut attributes.revoked_at),
        ("revocation_reason", &mut attributes.revocation_reason),
    ];
    let mut seen: Vec<&str> = Vec::new();
    for (key, field) in fields {
        let remedy = "Name the attribute as the provisioning service writes it.";
        if let Some(name) = section.optional(key, remedy, text) {
            *field = name;
        }
        if seen.contains(&field.as_str()) {
            section.report(key, format_args!("is {field:?}, which is another attribute's name"), remedy);
        }
        seen.push(field);
    }
    section.finish();
    attributes
}

/// Every authority, or `None` if something about one was reported.
pub(super) fn authorities(root: &Section<'_>, aws: Option<&Aws>) -> Option<Vec<Authority>> {
    const ARN: &str = "Copy the ARN from the console of AWS Private CA.";
    const NAME: &str = "Give each authority a name of its own, such as \"devices\".";
    let mut all: Vec<Authority> = Vec::new();
    let mut whole = true;
    let sections = root.sections("authorities");
    if sections.is_empty() {
        root.report(
            "authorities",
            "is missing: there is nothing to look after",
            "Add an [[authorities]] for each CA.",
        );
        return None;
    }
    for section in sections {
        let arn = section.required("arn", ARN, parsed::<AuthorityArn>);
        let name = section.required("name", NAME, text);
        let report_bucket = section.required(
            "report_bucket",
            "Name the S3 bucket that AWS may write audit reports to.",
            bucket,
        );
        let known_cas = section
            .optional(
                "known_cas",
                "List serial numbers in hexadecimal, as the audit report writes them.",
                list_of(parsed::<Serial>),
            )
            .unwrap_or_default();
        if let (Some(arn), Some(aws)) = (&arn, aws)
            && arn.region() != aws.region
        {
            let what = format_args!("is in {}, but aws.region is {}", arn.region(), aws.region);
            section.report("arn", what, "Run one Countersign for each Region.");
        }
        if arn.as_ref().is_some_and(|arn| all.iter().any(|other| other.arn.id() == arn.id())) {
            section.report("arn", "is that of another entry", ARN);
        }
        if name.as_ref().is_some_and(|name| all.iter().any(|other| other.name == *name)) {
            section.report("name", "is that of another entry", NAME);
        }
        section.finish();
        match (arn, name, report_bucket) {
            (Some(arn), Some(name), Some(report_bucket)) => {
                all.push(Authority { arn, name, report_bucket, known_cas });
            }
            _ => whole = false,
        }
    }
    whole.then_some(all)
}
