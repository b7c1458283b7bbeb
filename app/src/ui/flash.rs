//! What just happened, to what, and the next step; or what one has to know before going on.

use leptos::prelude::*;

use super::badge::Tone;
use super::icon::Icon;

#[component]
pub fn Flash(
    tone: Tone,
    #[prop(into)] title: String,
    /// Details, and the next step as a link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (icon, role) = match tone {
        Tone::Critical | Tone::High => (Icon::Alert, "alert"),
        Tone::Ok => (Icon::Check, "status"),
        Tone::Pending => (Icon::Clock, "status"),
        Tone::Medium => (Icon::Alert, "status"),
        Tone::Low | Tone::Info => (Icon::Info, "status"),
    };
    view! {
        <div class=format!("flash {}", tone.class()) role=role>
            {icon.draw()}
            <div class="flash-body">
                <p class="flash-title">{title}</p>
                {children.map(|children| children())}
            </div>
        </div>
    }
}
