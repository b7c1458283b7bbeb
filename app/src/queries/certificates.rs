//! The list of certificates in its address: a filter's tokens, an order, and a place.

use domain::views::{
    CertificateQuery, CertificateSort, MOST_TOKENS, Operator, Place, Property, Token, TokenError,
};
use serde::{Deserialize, Serialize};

use crate::address::{Pairs, Query};
use crate::error::AppError;

/// A list of certificates as its address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateAddress {
    pub query: CertificateQuery,
    /// What is no token of a filter, each with the reason: the list is shown without it.
    pub wrong: Vec<Wrong>,
}

/// A token that is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// As the address or the form said it.
    pub property: String,
    pub operator: String,
    pub value: String,
    pub why: String,
}

/// The names of the three fields with which a form adds a token.
pub const PROPERTY: &str = "property";
pub const OPERATOR: &str = "operator";
pub const VALUE: &str = "value";

pub fn read_certificate_list(pairs: &Pairs) -> Result<CertificateAddress, AppError> {
    let (mut filter, mut wrong) = (Vec::new(), Vec::new());
    let mut add = |read: Result<Token, TokenError>, [property, operator, value]: [&str; 3]| {
        let read = match filter.len() < MOST_TOKENS {
            true => read.map_err(|error| error.to_string()),
            false => Err(format!("A filter has at most {MOST_TOKENS} parts.")),
        };
        match read {
            Ok(token) if filter.contains(&token) => (),
            Ok(token) => filter.push(token),
            Err(why) => {
                let [property, operator, value] = [property, operator, value].map(str::to_owned);
                wrong.push(Wrong { property, operator, value, why });
            }
        }
    };
    let is_said = |(_, value): &(&str, &str)| !value.trim().is_empty();
    for (name, value) in pairs.iter().filter(is_said) {
        if let Some(property) = Property::named(name) {
            add(Token::parse(property, value), [name, "", value]);
        }
    }
    if let Some(value) = pairs.text(VALUE) {
        let property = pairs.one_of(PROPERTY, Property::ALL, Property::name)?.unwrap_or(Property::Text);
        let operator = pairs.one_of(OPERATOR, Operator::ALL, Operator::name)?.unwrap_or(Operator::Is);
        add(Token::of_form(property, operator, value), [property.name(), operator.name(), value]);
    }
    let query = CertificateQuery {
        filter,
        sort: pairs.one_of("sort", CertificateSort::ALL, CertificateSort::name)?.unwrap_or_default(),
        descending: pairs.one_of("order", &["asc", "desc"], |order| order)? == Some("desc"),
        place: pairs.get::<Place>("at")?.unwrap_or_default(),
    };
    Ok(CertificateAddress { query, wrong })
}

/// The same where something follows from it: it must be understood as a whole.
pub fn read_certificates(pairs: &Pairs) -> Result<CertificateQuery, AppError> {
    let CertificateAddress { query, wrong } = read_certificate_list(pairs)?;
    match wrong.first() {
        None => Ok(query),
        Some(Wrong { property, why, .. }) => Err(AppError::invalid(property, why)),
    }
}

pub(crate) fn write_certificates(query: &CertificateQuery) -> Query {
    let tokens = |all: Query, token: &Token| all.with(token.property().name(), token.text());
    query
        .filter
        .iter()
        .fold(Query::new(), tokens)
        .with("sort", if query.sort == CertificateSort::default() { "" } else { query.sort.name() })
        .with("order", if query.descending { "desc" } else { "" })
        .with("at", &query.place)
}

#[cfg(test)]
mod tests {
    use domain::certificate::CertificateStatus;

    use super::*;
    use crate::address::unknown;

    /// The query as an address says it, read again.
    fn again(query: Query) -> Pairs {
        Pairs::of(&query.text())
    }

    #[test]
    fn a_list_of_certificates_is_its_address() {
        let parse = |property, text| Token::parse(property, text).unwrap();
        let query = CertificateQuery {
            filter: vec![
                parse(Property::Text, "100% & é/ä"),
                parse(Property::Authority, "11223344-1234"),
                parse(Property::Status, "!=expiring"),
                parse(Property::Expires, "<30d"),
            ],
            sort: CertificateSort::Expiry,
            descending: true,
            place: "after:50.1.4fa2.n7".parse().unwrap(),
        };
        assert_eq!(read_certificates(&again(write_certificates(&query))), Ok(query));
        assert_eq!(write_certificates(&CertificateQuery::default()), Query::new());
        assert_eq!(read_certificates(&Pairs::of("")), Ok(CertificateQuery::default()));
        assert_eq!(
            write_certificates(&CertificateQuery::status(CertificateStatus::Active)).text(),
            "status=active"
        );
    }

    #[test]
    fn the_form_adds_a_token_and_a_wrong_one_hides_no_other() {
        let read = |text: &str| read_certificate_list(&Pairs::of(text)).unwrap();
        let added = read("q=&status=active&property=expires&operator=within&value=30");
        assert_eq!(write_certificates(&added.query).text(), "status=active&expires=%3C30d");
        assert_eq!(read("property=status&operator=is&value=").query, CertificateQuery::default());
        let mixed = read("status=gone&device=a&property=expires&operator=before&value=soon");
        assert_eq!(write_certificates(&mixed.query).text(), "device=a");
        let wrong: Vec<_> = mixed.wrong.iter().map(|wrong| (&*wrong.property, &*wrong.value)).collect();
        assert_eq!(wrong, [("status", "gone"), ("expires", "soon")]);
        let many = "device=a&".repeat(30);
        assert_eq!(read(&many).query.filter.len(), 1, "each once");
        let many: String = (0..30).map(|number| format!("device={number}&")).collect();
        assert_eq!((read(&many).query.filter.len(), read(&many).wrong.len()), (MOST_TOKENS, 10));
    }

    #[test]
    fn what_is_unknown_in_an_address_is_said() {
        for (hostile, field) in [
            ("order=up", "order"),
            ("sort=evil", "sort"),
            ("at=first", "at"),
            ("value=a&property=x", "property"),
            ("value=a&operator=x", "operator"),
        ] {
            assert_eq!(read_certificates(&Pairs::of(hostile)), Err(unknown(field)), "{hostile}");
        }
        for (hostile, name) in [("?status=%00", "status"), ("authority=../x", "authority")] {
            let error = read_certificates(&Pairs::of(hostile)).unwrap_err();
            assert!(matches!(error, AppError::Invalid { field, .. } if field == name), "{hostile}");
        }
        assert_eq!(read_certificates(&Pairs::of("status=&other=1")), Ok(CertificateQuery::default()));
    }
}
