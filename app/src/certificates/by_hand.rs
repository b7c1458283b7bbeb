//! The commands of AWS's own program that do by hand what this page does.

use domain::views::CertificateView;
use leptos::prelude::*;

use crate::ui::{CopyButton, Disclosure};

#[component]
pub fn ByHand(view: CertificateView) -> impl IntoView {
    let authority = view.authority.arn.as_str().to_owned();
    let read = format!(
        "aws acm-pca get-certificate --certificate-authority-arn {authority} --certificate-arn {}",
        view.authority.arn.certificate(view.serial)
    );
    let revoke = format!(
        "aws acm-pca revoke-certificate --certificate-authority-arn {authority} --certificate-serial {} --revocation-reason KEY_COMPROMISE",
        view.serial.colons()
    );
    let command = |what: &'static str, command: String| {
        view! {
            <p class="field-hint">{what} " " <CopyButton value=command.clone() what="command" /></p>
            <pre>{command}</pre>
        }
    };
    view! {
        <Disclosure summary="The same by hand">
            {command("Read it from the CA:", read)}
            {command(
                "Revoke it past this console, where it does not run any more: nobody is asked, and the next run says that it was revoked out of band.",
                revoke,
            )}
        </Disclosure>
    }
}
