//! The colours of `style/tokens.css`, light and dark, against WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for lines that
//! carry meaning (1.4.11).

#![expect(clippy::unwrap_used, clippy::panic, reason = "a token that cannot be read fails the test")]

use std::collections::BTreeMap;

/// Linear sRGB.
type Colour = [f64; 3];

/// Name to its light and its dark value.
fn tokens() -> BTreeMap<String, [Colour; 2]> {
    let css = include_str!("../../style/tokens.css");
    let colours =
        css.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": light-dark(oklch("));
    let mut tokens = BTreeMap::new();
    for (name, values) in colours.filter(|(name, _)| *name != "shadow") {
        let numbers: Vec<f64> = values
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().unwrap())
            .collect();
        let [a, b, c, d, e, f] = numbers[..] else { panic!("--{name} is not a pair of OKLCH colours") };
        tokens.insert(name.to_owned(), [oklch(a, b, c), oklch(d, e, f)]);
    }
    tokens
}

/// OKLCH to linear sRGB (CSS Color 4, §10).
fn oklch(lightness: f64, chroma: f64, hue: f64) -> Colour {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
}

fn contrast(a: Colour, b: Colour) -> f64 {
    let luminance = |[r, g, b]: Colour| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_colour_is_one_that_screens_can_show() {
    for (name, pair) in tokens() {
        for colour in pair {
            assert!(
                colour.iter().all(|part| (-0.001..=1.001).contains(part)),
                "--{name} is outside sRGB: {colour:?}"
            );
        }
    }
}

#[test]
fn text_and_meaningful_lines_stand_out_in_both_themes() {
    let tokens = tokens();
    let surfaces = ["surface", "surface-raised", "surface-sunken", "surface-hover"];
    let meanings = ["critical", "high", "medium", "low", "ok", "info", "pending"];
    let on_surfaces =
        |name: &'static str, least: f64| surfaces.map(|surface| (name.to_owned(), surface.to_owned(), least));
    let mut pairs: Vec<(String, String, f64)> = ["text", "text-muted", "accent", "accent-strong"]
        .into_iter()
        .flat_map(|name| on_surfaces(name, 4.5))
        .chain(on_surfaces("line-strong", 3.0))
        .chain(on_surfaces("accent", 3.0))
        .collect();
    for meaning in meanings {
        let (ink, wash) = (format!("{meaning}-ink"), format!("{meaning}-wash"));
        pairs.push(("text".to_owned(), wash.clone(), 4.5));
        pairs.extend(surfaces.map(|surface| (ink.clone(), surface.to_owned(), 4.5)));
        pairs.push((ink, wash, 4.5));
    }
    for (ink, ground) in [
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("on-danger", "danger"),
        ("on-danger", "danger-strong"),
        ("on-stripe", "stripe"),
    ] {
        pairs.push((ink.to_owned(), ground.to_owned(), 4.5));
    }
    for (ink, ground, least) in pairs {
        for (theme, at) in [("light", 0), ("dark", 1)] {
            let ratio = contrast(tokens[&ink][at], tokens[&ground][at]);
            assert!(ratio >= least, "--{ink} on --{ground} has {ratio:.2} in the {theme} theme, not {least}");
        }
    }
}
