//! The handful of inline drawings. Each stands beside a text that says the same, so all are hidden from readers.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Alert,
    Ban,
    Book,
    Calendar,
    Card,
    Check,
    Clock,
    Copy,
    Cross,
    Dot,
    DoubleCheck,
    Down,
    Eye,
    Grid,
    Info,
    Menu,
    Minus,
    Play,
    Pulse,
    Search,
    Sort,
    Up,
}

impl Icon {
    /// The path on a grid of 16 by 16, drawn as a line.
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2 14.500 13.500H1.500zM8 6.500v3M8 11.600v.1",
            Self::Ban => {
                "M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800M3.700 3.700l8.600 8.600"
            }
            Self::Book => {
                "M3 12.200V3.500A1.500 1.500 0 0 1 4.500 2H13v12H4.800A1.800 1.800 0 0 1 3 12.200a1.800 1.800 0 0 1 1.800-1.700H13"
            }
            Self::Calendar => "M2.500 3.500h11v10h-11zM2.500 6.800h11M5.500 1.800v3M10.500 1.800v3",
            Self::Card => "M1.800 3.500h12.400v9H1.800zM4.500 6.500h5M4.500 9.500h3M11.500 9.500v.1",
            Self::Check => "m3 8.500 3.300 3.300L13 4.800",
            Self::Clock => {
                "M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800M8 4.800V8l2.200 1.600"
            }
            Self::Copy => "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
            Self::Cross => "m4 4 8 8M12 4l-8 8",
            Self::Dot => "M8 6.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3",
            Self::DoubleCheck => "m1.500 8.500 3 3 6-7M7.500 10.500l1 1 6-7",
            Self::Down => "m3.500 6 4.500 4.500L12.500 6",
            Self::Eye => {
                "M1.500 8s2.300-4.500 6.500-4.500S14.500 8 14.500 8 12.200 12.500 8 12.500 1.500 8 1.500 8M8 6.300a1.700 1.700 0 1 0 0 3.400 1.700 1.700 0 0 0 0-3.400"
            }
            Self::Grid => {
                "M2.500 2.500H7V7H2.500zM9 2.500h4.500V7H9zM2.500 9H7v4.500H2.500zM9 9h4.500v4.500H9z"
            }
            Self::Info => {
                "M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800M8 7.300v3.700M8 4.900V5"
            }
            Self::Menu => "M2 4h12M2 8h12M2 12h12",
            Self::Minus => "M4 8h8",
            Self::Play => "M4.500 2.800v10.400L13 8z",
            Self::Pulse => "M1.500 8.500H4.300L6.300 3.500l3 9 2-4h3.200",
            Self::Search => {
                "M7 2.200a4.800 4.800 0 1 0 0 9.600 4.800 4.800 0 0 0 0-9.600M10.500 10.500 14 14"
            }
            Self::Sort => "m5 6.300 3-3 3 3M5 9.700l3 3 3-3",
            Self::Up => "M3.500 10 8 5.500l4.500 4.500",
        }
    }

    pub fn draw(self) -> impl IntoView {
        view! {
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d=self.path()></path>
            </svg>
        }
    }
}
