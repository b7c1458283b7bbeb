//! Every address of the console, as functions: no page writes a path by hand. `tests/pages.rs` checks that each leads
//! to a route.

use domain::incident::IncidentQuery;
use domain::preferences::OwnList;
use domain::revocation::RequestId;
use domain::trail::EventId;
use domain::views::{
    ActivityQuery, CertificateQuery, ComparisonQuery, ComplianceQuery, ExpiryQuery, Export, ExportFormat,
    FindingQuery, FindingSort, IdentityKey, IdentityQuery, Issued, LedgerQuery, Link, Narrowed, PackQuery,
    RequestQuery, Selection,
};
use domain::{AuthorityId, BulkId, FindingId, IncidentId, PackId, RunId, Serial};

use crate::address::Query;
use crate::done::{DONE, Done};
use crate::error::AppError;
use crate::queries::{self, CHOSEN, Exported};

pub const OVERVIEW: &str = "/";
pub const CERTIFICATES: &str = "/certificates";
pub const EXPIRY: &str = "/expiry";
/// Read by calendar programs; [`calendar`] says with which key.
pub const CALENDAR: &str = "/calendar.ics";
pub const RUNS: &str = "/runs";
pub const FINDINGS: &str = "/findings";
/// Several findings, to be handled together; [`findings_together`] names them.
pub const TOGETHER: &str = "/findings/together";
/// All findings that a query names, to be handled at once; [`findings_matching`] says which.
pub const MATCHING: &str = "/findings/matching";
/// What is done to many findings; [`bulk`] says which.
const BULK: &str = "/findings/handled";
pub const ACTIVITY: &str = "/activity";
pub const COVERAGE: &str = "/coverage";
pub const IDENTITY: &str = "/identity";
pub const INCIDENTS: &str = "/incidents";
pub const ME: &str = "/me";
pub const CHANNELS: &str = "/channels";
pub const REVOCATIONS: &str = "/revocations";
pub const NEW_REVOCATION: &str = "/revocations/new";
/// Downloads what could not be revoked; [`failed_certificates`] says of which request.
pub const FAILED_CERTIFICATES: &str = "/exports/failed-certificates.csv";
/// Downloads the devices that a dry run would leave without a valid certificate; [`cut_off_by`] and [`cut_off_by_request`] say of
/// which.
pub const CUT_OFF_DEVICES: &str = "/exports/devices-without-certificate.csv";
/// Downloads a list, with its filter and in its order; [`export`] says which.
const EXPORTS: &str = "/exports";
/// The names of the columns of a file that is not to have all, with commas between them.
pub const COLUMNS: &str = "columns";
/// Downloads one certificate; [`certificate_file`] says which and in what form.
pub const CERTIFICATE_FILE: &str = "/exports/certificate";
/// Downloads how two runs differ; [`comparison_file`] says which.
pub const COMPARISON_CSV: &str = "/exports/run-comparison.csv";
pub const COMPARISON_JSONL: &str = "/exports/run-comparison.jsonl";
/// Downloads a pack of evidence; [`pack_file`] says which.
pub const PACK_FILE: &str = "/exports/evidence.zip";
/// Posted to: a list of certificates, pasted or as a file.
pub const LISTS: &str = "/lists";
pub const COMPLIANCE: &str = "/compliance";
pub const CONTROLS: &str = "/compliance/controls";
/// Packs of evidence, and the form that asks for one; [`pack`] is one of them.
pub const PACKS: &str = "/compliance/evidence";
pub const LEDGER: &str = "/ledger";
const LEDGER_ENTRY: &str = "/ledger/entry";
/// Downloads an entry with the proof that it is in the log; [`entry_proof`] says of which.
pub const LEDGER_PROOF: &str = "/ledger/proof";
pub const LEDGER_VERIFICATION: &str = "/ledger/verification";
/// The documents; [`help`] names one.
pub const HELP: &str = "/help";
/// The decisions on a request as a file, with what proves them; [`evidence`] says of which.
pub const EVIDENCE: &str = "/evidence.json";
/// Sends the browser to the identity provider; [`sign_in`] and [`sign_in_afresh`] say what for.
pub const SIGN_IN: &str = "/auth/login";
/// Where the provider sends it back to: registered there as the redirect URI.
pub const SIGN_IN_CALLBACK: &str = "/auth/callback";
/// Posted to; ends the session here and at the provider.
pub const SIGN_OUT: &str = "/auth/logout";
/// Where the provider sends it after that: registered there as the post-logout redirect URI.
pub const SIGNED_OUT: &str = "/auth/signed-out";

/// A document, or the place of it under a heading.
pub fn help(slug: &str, place: Option<&str>) -> String {
    match place {
        Some(place) => format!("{HELP}/{slug}#{place}"),
        None => format!("{HELP}/{slug}"),
    }
}

pub fn certificates(query: &CertificateQuery) -> String {
    queries::write_certificates(query).on(CERTIFICATES)
}

/// A list as a file, with all of its columns or with these.
pub fn export(of: &Exported, format: ExportFormat, columns: Option<&[&str]>) -> String {
    let columns = columns.map(|names| names.join(",")).unwrap_or_default();
    let path = format!("{EXPORTS}/{}.{}", of.list().name(), format.name());
    of.query().with(COLUMNS, columns).on(&path)
}

/// Which list is to be had as a file at this path, and in what it is written.
pub fn export_at(path: &str) -> Option<(Export, ExportFormat)> {
    let (list, format) = path.strip_prefix(EXPORTS)?.strip_prefix('/')?.split_once('.')?;
    let list = Export::ALL.iter().find(|one| one.name() == list)?;
    Some((*list, *ExportFormat::ALL.iter().find(|one| one.name() == format)?))
}

/// A list narrowed to what `query` says, from its beginning.
pub fn own_list(list: OwnList, query: &str) -> Result<String, AppError> {
    let path = match list {
        OwnList::Certificates => CERTIFICATES,
        OwnList::Findings => FINDINGS,
    };
    Ok(queries::read_own_list(list, query)?.on(path))
}

pub fn certificate(authority: &AuthorityId, serial: Serial) -> String {
    format!("{CERTIFICATES}/{authority}/{serial}")
}

/// The certificate itself: `form` is `pem`, `chain` or `der`.
pub fn certificate_file(authority: &AuthorityId, serial: Serial, form: &str) -> String {
    Query::new().with("authority", authority).with("serial", serial).with("form", form).on(CERTIFICATE_FILE)
}

/// When certificates expire.
pub fn expiry(query: &ExpiryQuery) -> String {
    queries::write_expiry(query).on(EXPIRY)
}

pub fn calendar(key: &str) -> String {
    Query::new().with("key", key).on(CALENDAR)
}

pub fn runs(query: Query) -> String {
    query.on(RUNS)
}

pub fn run(authority: &AuthorityId, id: &RunId) -> String {
    format!("{RUNS}/{authority}/{id}")
}

/// A run held against another one of its authority.
pub fn comparison(query: &ComparisonQuery) -> String {
    queries::write_comparison(query).on(&comparison_form(query))
}

/// Where a form chooses the other run: it says "with".
pub(crate) fn comparison_form(query: &ComparisonQuery) -> String {
    format!("{}/compare", run(&query.authority, &query.run))
}

/// All that `query` names as a file: of [`COMPARISON_CSV`] and [`COMPARISON_JSONL`], the one at `file`.
pub fn comparison_file(file: &str, query: &ComparisonQuery) -> String {
    let query = ComparisonQuery { page: 0, ..query.clone() };
    let (authority, run) = (query.authority.clone(), query.run.clone());
    queries::write_comparison(&query).with("authority", authority).with("run", run).on(file)
}

pub fn findings(query: &FindingQuery) -> String {
    queries::write_findings(query).on(FINDINGS)
}

/// These findings, to be handled together.
pub fn findings_together<'a>(ids: impl IntoIterator<Item = &'a FindingId>) -> String {
    let named = |query: Query, id| query.with(CHOSEN, id);
    ids.into_iter().fold(Query::new(), named).on(TOGETHER)
}

/// All of these, to be handled at once: whatever their order and page.
pub fn findings_matching(query: &FindingQuery) -> String {
    queries::write_findings(&which(query)).on(MATCHING)
}

/// The same as forms carry it.
pub(crate) fn findings_named(query: &FindingQuery) -> String {
    queries::write_findings(&which(query)).text()
}

fn which(query: &FindingQuery) -> FindingQuery {
    FindingQuery { page: 0, sort: FindingSort::default(), ..query.clone() }
}

/// How far it is with what was ordered to be done to many findings.
pub fn bulk(id: &BulkId) -> String {
    format!("{BULK}/{id}")
}

/// The id is one segment of the path, whatever an alert is about.
pub fn finding(id: &FindingId) -> String {
    let encoded: String = form_urlencoded::byte_serialize(id.to_string().as_bytes()).collect();
    format!("{FINDINGS}/{}", encoded.replace('+', "%20"))
}

pub fn revocations(query: &RequestQuery) -> String {
    queries::write_requests(query).on(REVOCATIONS)
}

pub fn revocation(id: &RequestId) -> String {
    format!("{REVOCATIONS}/{id}")
}

/// One page of a request's certificates.
pub fn revocation_page(id: &RequestId, narrowed: Narrowed) -> String {
    queries::write_narrowed(Query::new(), narrowed).on(&revocation(id))
}

/// The decisions on a request as a file.
pub fn evidence(id: &RequestId) -> String {
    Query::new().with("request", id).on(EVIDENCE)
}

/// The file of a request's certificates that could not be revoked.
pub fn failed_certificates(id: &RequestId) -> String {
    Query::new().with("request", id.as_str()).on(FAILED_CERTIFICATES)
}

/// The file of the devices that the revocation of `of` would leave without a valid certificate.
pub fn cut_off_by(authority: Option<&AuthorityId>, of: &Selection) -> String {
    revoking(authority, of).on(CUT_OFF_DEVICES)
}

/// The file of those that a request would.
pub fn cut_off_by_request(id: &RequestId) -> String {
    Query::new().with("request", id).on(CUT_OFF_DEVICES)
}

/// The form that asks for the revocation of these certificates of one authority.
pub fn new_revocation(authority: &AuthorityId, serials: &[Serial], finding: Option<&FindingId>) -> String {
    let of = queries::write_selection(&Selection::Serials(serials.to_vec()));
    let query = Query::new().with("authority", authority).with("of", of);
    query.with("finding", finding.map(FindingId::to_string).unwrap_or_default()).on(NEW_REVOCATION)
}

/// The form that asks for the revocation of all that are meant; without an authority, of every one that has some of them.
pub fn revoke_all(authority: Option<&AuthorityId>, of: &Selection) -> String {
    revoking(authority, of).on(NEW_REVOCATION)
}

fn revoking(authority: Option<&AuthorityId>, of: &Selection) -> Query {
    let authority = authority.map(AuthorityId::to_string).unwrap_or_default();
    Query::new().with("authority", authority).with("of", queries::write_selection(of))
}

/// The same form with more of it filled in, or with nothing.
pub fn revocation_form(query: Query) -> String {
    query.on(NEW_REVOCATION)
}

/// `address`, a path without a query, told what was done just before.
pub fn after(address: &str, done: Done) -> String {
    Query::new().with(DONE, done.name()).on(address)
}

/// The numbers of a time.
pub fn compliance(query: &ComplianceQuery) -> String {
    queries::write_compliance(query).on(COMPLIANCE)
}

/// The form that asks for a pack of evidence, filled in.
pub fn packs(query: &PackQuery) -> String {
    queries::write_pack(query).on(PACKS)
}

/// The same about a time.
pub fn packs_of(query: &ComplianceQuery) -> String {
    let authorities = query.authority.iter().cloned().collect();
    packs(&PackQuery { from: query.from, to: query.to, authorities, ..PackQuery::default() })
}

/// The same about a request.
pub fn packs_of_request(id: &RequestId) -> String {
    packs(&PackQuery { request: Some(id.clone()), ..PackQuery::default() })
}

/// The same about an incident.
pub fn packs_of_incident(id: &IncidentId) -> String {
    packs(&PackQuery { incident: Some(id.clone()), ..PackQuery::default() })
}

/// How far a pack of evidence is.
pub fn pack(id: &PackId) -> String {
    format!("{PACKS}/{id}")
}

/// Its file.
pub fn pack_file(id: &PackId) -> String {
    Query::new().with("pack", id).on(PACK_FILE)
}

/// The controls that are served, with the figures of a time.
pub fn controls(query: &ComplianceQuery) -> String {
    queries::write_compliance(query).on(CONTROLS)
}

pub fn ledger(query: &LedgerQuery) -> String {
    queries::write_ledger(query).on(LEDGER)
}

/// An entry by itself.
pub fn entry(seq: u64) -> String {
    format!("{LEDGER_ENTRY}/{seq}")
}

pub fn entry_proof(seq: u64) -> String {
    Query::new().with("entry", seq).on(LEDGER_PROOF)
}

/// The entry of this number, on the page of the ledger that begins with it.
pub fn ledger_entry(seq: u64) -> String {
    let before = seq.saturating_add(1);
    format!("{}#entry-{seq}", ledger(&LedgerQuery { before: Some(before), ..LedgerQuery::default() }))
}

pub fn activity(query: &ActivityQuery) -> String {
    queries::write_activity(query).on(ACTIVITY)
}

/// The form that opens an incident, filled in.
pub fn open_incident(query: &IncidentQuery) -> String {
    queries::write_incident(query).on(INCIDENTS)
}

/// One case.
pub fn incident(id: &IncidentId) -> String {
    format!("{INCIDENTS}/{id}")
}

/// What one principal, access key or address did.
pub fn identity(key: &IdentityKey) -> String {
    identity_page(&IdentityQuery { key: key.clone(), only: Issued::default(), page: 0 })
}

/// The same with a part or page of the certificates that it had issued.
pub fn identity_page(query: &IdentityQuery) -> String {
    queries::write_identity(query).on(IDENTITY)
}

pub fn event(id: &EventId) -> String {
    format!("{ACTIVITY}/{id}")
}

/// Where a line of a timeline leads, and what the link says.
pub fn link(link: &Link) -> (&'static str, String) {
    match link {
        Link::Request(id) => ("Open the request", revocation(id)),
        Link::Finding(id) => ("Open the finding", finding(id)),
        Link::Run(authority, id) => ("Open the run", run(authority, id)),
        Link::Event(id) => ("Open the event", event(id)),
        Link::Ledger(seq) => ("See it in the ledger", ledger_entry(*seq)),
    }
}

/// Signs in and comes back to `back`, a path of this console.
pub fn sign_in(back: &str) -> String {
    Query::new().with("return", back).on(SIGN_IN)
}

/// The same, with a proof of identity made now, whatever the provider remembers.
pub fn sign_in_afresh(back: &str) -> String {
    Query::new().with("return", back).with("fresh", 1).on(SIGN_IN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_and_leaves_out_what_is_empty() {
        let query = Query::new().with("state", "a&b=c d/é").with("status", "").with("page", 2);
        assert_eq!(runs(query), "/runs?state=a%26b%3Dc+d%2F%C3%A9&page=2");
        assert_eq!(revocations(&RequestQuery::default()), REVOCATIONS);
        assert_eq!(sign_in("/findings?state=open"), "/auth/login?return=%2Ffindings%3Fstate%3Dopen");
        assert_eq!(sign_in_afresh("/"), "/auth/login?return=%2F&fresh=1");
    }

    #[test]
    fn a_file_is_found_by_its_address() {
        let of = Exported::Findings(FindingQuery { page: 7, overdue: true, ..FindingQuery::default() });
        let address = export(&of, ExportFormat::JsonLines, Some(&["id", "kind"]));
        assert_eq!(address, "/exports/findings.jsonl?due=overdue&columns=id%2Ckind");
        for list in Export::ALL {
            let path = format!("/exports/{}.csv", list.name());
            assert_eq!(export_at(&path), Some((*list, ExportFormat::Csv)));
        }
        for wrong in ["/exports/findings", "/exports/findings.xml", "/exports/sessions.csv", "/findings.csv"]
        {
            assert_eq!(export_at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_id_of_a_finding_is_one_segment() {
        let address = |id: &str| finding(&id.parse().unwrap());
        assert_eq!(address("duplicate.a-1.0a"), "/findings/duplicate.a-1.0a");
        assert_eq!(
            address("issuance_denied.a-1.arn:aws:iam::1:user/a b+?é"),
            "/findings/issuance_denied.a-1.arn%3Aaws%3Aiam%3A%3A1%3Auser%2Fa%20b%2B%3F%C3%A9"
        );
    }
}
