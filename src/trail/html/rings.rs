//! Rings: the seed in the middle, and around it who is how many steps away.

use std::f64::consts::TAU;
use std::fmt::{self, Write as _};

use crate::report::html::drawing::{Drawing, width, write_label};
use crate::report::html::text::counted;

/// The style of rings, which pages without rings do without.
const STYLE: &str = include_str!("rings.css");

/// Writes what a page with rings needs besides, once.
pub(super) fn write_style(out: &mut String) -> fmt::Result {
    write!(out, "<style>{STYLE}</style>")
}

/// A dot on a ring: what stands beside it, and the number in it.
pub(super) struct Dot<'a> {
    pub(super) label: &'a str,
    pub(super) subjects: u64,
}

/// The distance of two rings, in pixels.
const STEP: f64 = 58.0;

/// The radius of a dot, in pixels.
const DOT: f64 = 13.0;

/// The number of dots of a ring up to which each has its label. The table beside the picture has all of them.
const LABELLED: usize = 12;

/// Draws the dots of each ring; the first of them is the middle, and empty if the seed is another's.
pub(super) fn write(out: &mut String, id: &str, title: &str, rings: &[Vec<Dot<'_>>]) -> fmt::Result {
    let outer = STEP * (rings.len().max(2) - 1) as f64 + DOT;
    let beside = rings.iter().flatten().map(|dot| width(dot.label)).max().unwrap_or(0).min(200) as f64;
    let (middle, high) = (outer + beside + 12.0, outer + 24.0);
    let said = rings.iter().enumerate().map(|(distance, dots)| {
        let subjects = dots.iter().map(|dot| dot.subjects).sum();
        match distance {
            0 if subjects == 0 => "the seed is another member’s".to_owned(),
            0 => "the seed".to_owned(),
            _ => format!("{} at distance {distance}", counted(subjects, "subject")),
        }
    });
    let description = said.collect::<Vec<_>>().join("; ");
    let drawing = Drawing {
        id,
        class: "rings",
        width: (2.0 * middle) as usize,
        height: (2.0 * high) as usize,
        title,
        description: &description,
    };
    drawing.write(out, |out| {
        for ring in 1..rings.len() {
            let radius = STEP * ring as f64;
            write!(out, "<circle class=axis cx={middle:.0} cy={high:.0} r={radius:.0} />")?;
        }
        if rings.first().is_none_or(Vec::is_empty) {
            write!(out, "<circle class=axis cx={middle:.0} cy={high:.0} r={DOT:.0} />")?;
        }
        for (ring, dots) in rings.iter().enumerate() {
            let each = TAU / dots.len().max(1) as f64;
            for (at, dot) in dots.iter().enumerate() {
                // The first dot of each ring is a little further round than that of the ring before: labels keep apart.
                let angle = each * at as f64 + 0.4 * ring as f64 - TAU / 4.0;
                let radius = STEP * ring as f64;
                let (x, y) = (middle + radius * angle.cos(), high + radius * angle.sin());
                write_dot(out, dot, (x, y), x < middle - 1.0, ring == 0, dots.len() <= LABELLED)?;
            }
        }
        Ok(())
    })
}

fn write_dot(
    out: &mut String,
    dot: &Dot<'_>,
    (x, y): (f64, f64),
    left: bool,
    is_seed: bool,
    labelled: bool,
) -> fmt::Result {
    let class = if is_seed { "seed" } else { "dot" };
    write!(out, "<circle class={class} cx={x:.1} cy={y:.1} r={DOT:.0} />")?;
    write!(out, "<text class={class} x={x:.1} y={:.1}>{}</text>", y + 4.0, dot.subjects)?;
    if labelled {
        let (class, at) = if left { ("end", x - DOT - 4.0) } else { ("start", x + DOT + 4.0) };
        write_label(out, format_args!("class={class} x={at:.1} y={:.1}", y + 4.0), dot.label)?;
    }
    Ok(())
}
