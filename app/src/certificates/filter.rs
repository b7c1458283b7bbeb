//! The filter of the list of certificates: one form that adds a token, and the tokens as links that take them away.

use domain::certificate::CertificateStatus;
use domain::views::{
    Authority, CertificateQuery, Judgement, Operator, Place, Property, Standing, Test, Token,
};
use leptos::prelude::*;

use crate::authorities::name_of;
use crate::paths;
use crate::queries::{self, CertificateAddress, Wrong};
use crate::ui::{Chip, Chips, Choice, Filter, FilterAdd, FilterSearch, FilterSelect, brief};

/// The id of the list of values that are suggested.
const SUGGESTED: &str = "filter-values";

#[component]
pub fn Narrow(address: CertificateAddress, authorities: Vec<Authority>) -> impl IntoView {
    let CertificateAddress { query, wrong } = address;
    let search = query.filter.iter().find_map(|token| match &token.test {
        Test::Text(text) => Some(text.clone()),
        _ => None,
    });
    // The first search has a field; each other one is kept as it is.
    let first = query.filter.iter().position(|token| token.property() == Property::Text);
    let kept = query.filter.iter().enumerate().filter(|(place, _)| Some(*place) != first);
    let kept = kept.map(|(_, token)| token);
    let kept = kept.map(|token| (token.property().name(), token.text()));
    let sort = (query.sort != Default::default()).then(|| ("sort", query.sort.name().to_owned()));
    let order = query.descending.then(|| ("order", "desc".to_owned()));
    let hidden = kept.chain(sort).chain(order);
    let hidden =
        hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let properties = Property::ALL.iter().filter(|property| **property != Property::Text);
    let properties = properties.map(|one| Choice::new(one.name(), one.label())).collect();
    let operators = Operator::ALL.iter().map(|one| Choice::new(one.name(), one.label())).collect();
    let last = wrong.last().cloned();
    let (property, operator, value) =
        last.map(|wrong| (wrong.property, wrong.operator, wrong.value)).unwrap_or_default();
    let errors = wrong.iter().map(said).collect();
    let chips = chips(&query, &authorities);
    let by_name = query.filter.iter().any(|token| token.property() == Property::San).then(|| {
        view! {
            <p class="muted small filter-note">
                "Alternative names are those of the issuances in the trail: a certificate whose event was not read has none that is known here."
            </p>
        }
    });
    view! {
        <Filter action=paths::CERTIFICATES>
            {hidden} <FilterSearch
                name=queries::LOOKUP
                label="A part of device, subject or serial number"
                value=search.unwrap_or_default()
                placeholder="sensor-0042 or 4f:a2:…"
            /> <FilterSelect name=queries::PROPERTY label="Property" choices=properties chosen=property all="None" />
            <FilterSelect name=queries::OPERATOR label="Operator" choices=operators chosen=operator all="–" />
            <FilterAdd name=queries::VALUE label="Value" value suggested=SUGGESTED errors />
            <datalist id=SUGGESTED>{suggested(&authorities)}</datalist>
        </Filter>
        <Chips chips />
        {by_name}
    }
}

/// What was not understood, and why.
fn said(wrong: &Wrong) -> String {
    let label = Property::named(&wrong.property).map_or("Filter", Property::label);
    format!("{label}: {}", wrong.why)
}

fn chips(query: &CertificateQuery, authorities: &[Authority]) -> Vec<Chip> {
    let chip = |(at, token): (usize, &Token)| {
        let mut filter = query.filter.clone();
        filter.remove(at);
        let without = CertificateQuery { filter, place: Place::First, ..query.clone() };
        let label = match &token.test {
            Test::Authority(id) => {
                format!("authority: {}{}", if token.not { "not " } else { "" }, name_of(authorities, id))
            }
            _ => brief(&token.words()),
        };
        Chip { label, without: paths::certificates(&without) }
    };
    query.filter.iter().enumerate().map(chip).collect()
}

/// The values of properties that have few, under a name that says what they are.
fn suggested(authorities: &[Authority]) -> impl IntoView + use<> {
    let option = |value: String, label: String| view! { <option value=value label=label></option> };
    let statuses = Standing::all().into_iter().map(|one| {
        let meaning = match one {
            Standing::Is(CertificateStatus::Active) => "Status: in force for more than 30 days",
            Standing::Is(CertificateStatus::Expiring) => "Status: expires within 30 days",
            Standing::Is(_) => "Status",
            Standing::Unproven => "Status: revoked, and in no report yet",
        };
        (one.name().to_owned(), meaning.to_owned())
    });
    let judgements = Judgement::all()
        .into_iter()
        .map(|one| (one.name().to_owned(), "Judgement of the issuance".to_owned()));
    let answers = ["yes", "no"].map(|one| (one.to_owned(), "Open finding, in the inventory".to_owned()));
    let names = authorities.iter().map(|one| (one.arn.id().to_string(), format!("Authority {}", one.name)));
    statuses
        .chain(judgements)
        .chain(answers)
        .chain(names)
        .map(|(value, label)| option(value, label))
        .collect_view()
}
