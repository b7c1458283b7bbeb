//! The table of contents: every page of the console with its address. `paths.rs` builds the addresses.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::activity::{ActivityPage, EventPage};
use crate::certificates::{CertificatePage, CertificatesPage};
use crate::channels::ChannelsPage;
use crate::compliance::{CompliancePage, ControlsPage, EvidencePage, PackPage};
use crate::coverage::CoveragePage;
use crate::error::{AppError, Noun};
use crate::expiry::ExpiryPage;
use crate::findings::{BulkPage, FindingPage, FindingsPage, MatchingPage, TogetherPage};
use crate::help::{HelpDocumentPage, HelpPage};
use crate::identity::IdentityPage;
use crate::incidents::{IncidentPage, IncidentsPage};
use crate::ledger::{EntryPage, LedgerPage, VerificationPage};
use crate::me::MePage;
use crate::overview::OverviewPage;
use crate::revocations::{NewRevocationPage, RevocationPage, RevocationsPage};
use crate::runs::{ComparisonPage, RunPage, RunsPage};
use crate::ui::ErrorPanel;
use crate::ui::layout::Layout;

/// Every route renders `Async`: the HTML is whole without JavaScript, and its status and title know the data.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <leptos_meta::Title formatter=|page: String| format!("{page} · Countersign") />
        <Router>
            <Layout>
                <FlatRoutes fallback=NoSuchPage>
                    <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async />
                    <Route path=path!("/certificates") view=CertificatesPage ssr=SsrMode::Async />
                    <Route path=path!("/certificates/:authority/:serial") view=CertificatePage ssr=SsrMode::Async />
                    <Route path=path!("/expiry") view=ExpiryPage ssr=SsrMode::Async />
                    <Route path=path!("/runs") view=RunsPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/:authority/:run") view=RunPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/:authority/:run/compare") view=ComparisonPage ssr=SsrMode::Async />
                    <Route path=path!("/findings") view=FindingsPage ssr=SsrMode::Async />
                    <Route path=path!("/findings/together") view=TogetherPage ssr=SsrMode::Async />
                    <Route path=path!("/findings/matching") view=MatchingPage ssr=SsrMode::Async />
                    <Route path=path!("/findings/handled/:bulk") view=BulkPage ssr=SsrMode::Async />
                    <Route path=path!("/findings/:finding") view=FindingPage ssr=SsrMode::Async />
                    <Route path=path!("/me") view=MePage ssr=SsrMode::Async />
                    <Route path=path!("/channels") view=ChannelsPage ssr=SsrMode::Async />
                    <Route path=path!("/incidents") view=IncidentsPage ssr=SsrMode::Async />
                    <Route path=path!("/incidents/:incident") view=IncidentPage ssr=SsrMode::Async />
                    <Route path=path!("/revocations") view=RevocationsPage ssr=SsrMode::Async />
                    <Route path=path!("/revocations/new") view=NewRevocationPage ssr=SsrMode::Async />
                    <Route path=path!("/revocations/:request") view=RevocationPage ssr=SsrMode::Async />
                    <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async />
                    <Route path=path!("/activity/:event") view=EventPage ssr=SsrMode::Async />
                    <Route path=path!("/identity") view=IdentityPage ssr=SsrMode::Async />
                    <Route path=path!("/coverage") view=CoveragePage ssr=SsrMode::Async />
                    <Route path=path!("/compliance") view=CompliancePage ssr=SsrMode::Async />
                    <Route path=path!("/compliance/controls") view=ControlsPage ssr=SsrMode::Async />
                    <Route path=path!("/compliance/evidence") view=EvidencePage ssr=SsrMode::Async />
                    <Route path=path!("/compliance/evidence/:pack") view=PackPage ssr=SsrMode::Async />
                    <Route path=path!("/ledger") view=LedgerPage ssr=SsrMode::Async />
                    <Route path=path!("/ledger/entry/:seq") view=EntryPage ssr=SsrMode::Async />
                    <Route path=path!("/ledger/verification") view=VerificationPage ssr=SsrMode::Async />
                    <Route path=path!("/help") view=HelpPage ssr=SsrMode::Async />
                    <Route path=path!("/help/:document") view=HelpDocumentPage ssr=SsrMode::Async />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}

#[component]
fn NoSuchPage() -> impl IntoView {
    view! { <ErrorPanel error=AppError::NotFound { what: Noun::Page } /> }
}
