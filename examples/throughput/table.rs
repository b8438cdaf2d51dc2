//! What was measured, as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::measure::{Best, Measured};

/// One object of the JSON form.
#[derive(Serialize)]
struct Entry<'a> {
    stage: &'a str,
    what: String,
    ns_per_item: f64,
    items: u64,
    threads: usize,
}

pub(crate) fn json(measured: &[Measured]) -> serde_json::Result<String> {
    let entry = |group: &Measured, case: &Best| Entry {
        stage: group.stage,
        what: format!("{}: {}", group.group, case.what),
        ns_per_item: case.ns_per_item(),
        items: case.items,
        threads: case.threads,
    };
    let entries: Vec<Entry<'_>> =
        measured.iter().flat_map(|group| group.cases.iter().map(move |case| entry(group, case))).collect();
    Ok(serde_json::to_string(&entries)? + "\n")
}

pub(crate) fn text(measured: &[Measured]) -> String {
    let names = measured.iter().flat_map(|group| group.cases.iter().map(|case| &case.what));
    let width = names.map(|name| name.chars().count()).max().unwrap_or_default();
    let mut text = String::from(
        "Best of several runs. × is the time as a multiple of the first line of a group;\n\
         a floor is the part of the work that nobody can leave out.\n",
    );
    let mut stage = "";
    for group in measured {
        if group.stage != stage {
            stage = group.stage;
            let heads = format!("{:>10}{:>9}{:>9}{:>13}", "ns/item", "×", "threads", "items");
            let _ = write!(text, "\n{stage:<0$}{heads}\n", width + 4);
        }
        let _ = writeln!(text, "  {}", group.group);
        let ours = group.cases.first().map_or(f64::NAN, Best::ns_per_item);
        for case in &group.cases {
            let ns = case.ns_per_item();
            let ratio = format!("{}×", three_digits(ns / ours));
            let _ = writeln!(
                text,
                "    {:<width$}{:>10}{ratio:>9}{:>9}{:>13}",
                case.what,
                three_digits(ns),
                case.threads,
                case.items
            );
        }
    }
    text
}

/// About as many digits as repeat from run to run.
fn three_digits(number: f64) -> String {
    let decimals = match number {
        ..0.0995 => 3,
        ..0.995 => 2,
        ..99.5 => 1,
        _ => 0,
    };
    format!("{number:.decimals$}")
}
