//! Ways into AWS's own console: the event and the principal as whoever is signed in there sees them.

use domain::trail::EventId;
use leptos::prelude::*;

/// The way to a page of AWS's own console, where there is one.
#[component]
pub fn AtAws(to: Option<String>) -> impl IntoView {
    to.map(|href| {
        view! {
            " · "
            // safe link: of AWS's console, made below
            <a href=href target="_blank" rel="noopener noreferrer">
                "open in the AWS console"
            </a>
        }
    })
}

/// The event in the console of AWS: the event history of its Region, which goes back 90 days.
pub fn event(region: &str, id: &EventId) -> Option<String> {
    let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let domain = match region {
        _ if region.is_empty() || !region.chars().all(is_region) => return None,
        _ if region.starts_with("cn-") => "amazonaws.cn",
        _ if region.starts_with("us-gov-") => "amazonaws-us-gov.com",
        _ => "aws.amazon.com",
    };
    Some(format!("https://{region}.console.{domain}/cloudtrailv2/home?region={region}#/events/{id}"))
}

/// The role or user of this ARN in the console of AWS, for whoever is signed in to its account there.
pub fn principal(arn: &str) -> Option<String> {
    let (partition, resource) = arn.strip_prefix("arn:")?.split_once(":iam::")?;
    let console = match partition {
        "aws" => "https://console.aws.amazon.com",
        "aws-cn" => "https://console.amazonaws.cn",
        "aws-us-gov" => "https://console.amazonaws-us-gov.com",
        _ => return None,
    };
    let (kind, path) = resource.split_once(':')?.1.split_once('/')?;
    let kind = match kind {
        "role" => "roles",
        "user" => "users",
        _ => return None,
    };
    let name: String = form_urlencoded::byte_serialize(path.rsplit('/').next()?.as_bytes()).collect();
    Some(format!("{console}/iam/home#/{kind}/details/{}", name.replace('+', "%20")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_principals_lead_to_the_console_of_their_partition() {
        let id = "7ed0a6a0-3f4f-4e3c-9a34-000000000001".parse().unwrap();
        assert_eq!(
            event("eu-central-1", &id).unwrap(),
            format!(
                "https://eu-central-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-central-1#/events/{id}"
            )
        );
        assert!(event("cn-north-1", &id).unwrap().contains(".console.amazonaws.cn/"));
        for region in ["", "evil.example/", "eu central", "x@y"] {
            assert_eq!(event(region, &id), None, "{region}");
        }
        let of = |arn: &str| principal(arn);
        assert_eq!(
            of("arn:aws:iam::111122223333:role/ci/legacy deploy").as_deref(),
            Some("https://console.aws.amazon.com/iam/home#/roles/details/legacy%20deploy")
        );
        assert!(of("arn:aws-us-gov:iam::111122223333:user/eve").unwrap().contains("#/users/details/eve"));
        for other in ["", "arn:aws:sts::1:assumed-role/a/b", "arn:aws:iam::1:root", "arn:evil:iam::1:role/a"]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
