//! A request that its requester executes alone: said wherever it is shown.

use leptos::prelude::*;

use crate::ui::{Flash, Icon, Mark, Tone, visible};

/// Beside the state of a request.
pub fn glass() -> Mark {
    Mark::new(Tone::Critical, Icon::Alert, "Break-glass")
}

/// Above the whole request, and above the buttons that decide.
#[component]
pub fn BreakingGlass(why: String) -> impl IntoView {
    view! {
        <Flash tone=Tone::Critical title="Break-glass: its requester executes this alone">
            <p>"Everybody is told once it is executed, and two people must look at it afterwards. Why it cannot wait:"</p>
            <p class="quote">{visible(&why)}</p>
        </Flash>
    }
}
