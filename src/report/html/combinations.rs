//! Which members hold the same tokens: the largest exact combinations, as an UpSet plot.
//!
//! A row is a combination. Its dots are the holders, its bar the number of tokens. Lex et al., "UpSet: Visualization of
//! Intersecting Sets", 2014.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::drawing::{BAR, Drawing, ROW, label, length, widest, width, write_label};
use super::text::{Escaped, Number, counted};
use super::{EACH, Part, bars, table};
use crate::report::{Combination, Combinations, Report};
use crate::terms::Name;

/// The most combinations that are drawn; the table has all that the report has.
const DRAWN: usize = 10;

/// The most members that have a column of dots.
const COLUMNS: usize = 40;

/// The width of a column of dots, in pixels.
const COLUMN: usize = 20;

/// The holders that a row of the table names, if there are more members than have a place each.
const NAMED: usize = 12;

pub(super) fn write(out: &mut String, part: &Part<'_>, report: &Report) -> fmt::Result {
    writeln!(out, "<h3>Who holds the same identifiers</h3>")?;
    let Some(Combinations { largest, more, smallest }) = &part.kind.combinations else {
        return match report.min_result {
            0 | 1 => writeln!(
                out,
                "<p>This report has no combinations: there are too many, or it is an earlier one."
            ),
            _ => writeln!(out, "<p>Withheld: a combination of holders is small, or there are too many."),
        };
    };
    if largest.is_empty() {
        return writeln!(out, "<p>No identifier is held by enough members.");
    }
    write!(out, "<p class=note>Identifiers that exactly these members hold, and no other.")?;
    if *more > 0 {
        write!(out, " These are the largest; there are {} more.", Number(*more))?;
    }
    write!(out, " The smallest of all, whatever its number of holders, has {}.", Number(*smallest))?;
    let drawn = drawn(largest);
    if drawn.is_empty() {
        write!(out, " They have too many holders to be drawn.")?;
    } else if drawn.len() < largest.len() {
        write!(out, " The largest are drawn; the table has all of these.")?;
    }
    write!(out, "<div class=both>")?;
    if !drawn.is_empty() {
        draw(out, part, drawn)?;
    }
    write_table(out, part, largest)?;
    writeln!(out, "</div>")
}

/// Returns the first combinations whose holders find room.
fn drawn(largest: &[Combination]) -> &[Combination] {
    let mut holders: BTreeSet<&Name> = BTreeSet::new();
    let mut rows = 0;
    for one in largest.iter().take(DRAWN) {
        holders.extend(&one.holders);
        if holders.len() > COLUMNS {
            break;
        }
        rows += 1;
    }
    &largest[..rows]
}

fn draw(out: &mut String, part: &Part<'_>, drawn: &[Combination]) -> fmt::Result {
    let members: Vec<&Name> =
        drawn.iter().flat_map(|one| &one.holders).collect::<BTreeSet<_>>().into_iter().collect();
    let highest = drawn.iter().map(|one| one.count).max().unwrap_or(0);
    // Labels rise at 45 degrees; the last one leans over the bars.
    let top = widest(members.iter().map(|name| name.as_str())) * 71 / 100 + 20;
    let left = members.len() * COLUMN + 14;
    let lean = members.last().map_or(0, |name| width(&label(name.as_str())) * 71 / 100);
    let numbers = bars::after(drawn.iter().map(|one| Some(one.count)));
    let drawing = Drawing {
        id: &format!("{}-combinations", part.id),
        class: "upset",
        width: left + (BAR as usize + numbers).max(lean),
        height: top + drawn.len() * ROW + 4,
        title: &part.label("combinations of holders"),
        description: "A row for each first row of the table: dots for holders, a bar as long as the number.",
    };
    let x = |member: usize| member * COLUMN + COLUMN / 2;
    let y = |row: usize| top + row * ROW + ROW / 2;
    let long = |one: &Combination| length(one.count, highest, BAR);
    let places = |one: &Combination| -> Vec<usize> {
        one.holders.iter().filter_map(|name| members.binary_search(&name).ok().map(x)).collect()
    };
    let (mut empty, mut ties, mut dots, mut bars) =
        (String::new(), String::new(), String::new(), String::new());
    for (row, one) in drawn.iter().enumerate() {
        let (y, places) = (y(row), places(one));
        write!(empty, "M{} {y}h{}", x(0), (members.len() - 1) * COLUMN + 1)?;
        if let [first, .., last] = places[..] {
            write!(ties, "M{first} {y}H{last}")?;
        }
        places.iter().try_for_each(|x| write!(dots, "M{x} {y}h0"))?;
        write!(bars, "M{left} {y}h{}", long(one))?;
    }
    drawing.write(out, |out| {
        write!(out, "<g transform=rotate(-45)>")?;
        for (at, name) in members.iter().enumerate() {
            // The place as it is before the turn.
            let (x, y) = ((x(at) + 4) as f64, (top - 10) as f64);
            let [x, y] = [x - y, x + y].map(|sum| sum * std::f64::consts::FRAC_1_SQRT_2);
            write_label(out, format_args!("x={x:.0} y={y:.0}"), name.as_str())?;
        }
        write!(out, "</g><path class=axis d=\"M{left}.5 {top}V{}\"/>", drawing.height)?;
        for (class, marks) in [("none", empty), ("tie", ties), ("dots", dots), ("bar", bars)] {
            write!(out, "<path class={class} d=\"{marks}\"/>")?;
        }
        for (row, one) in drawn.iter().enumerate() {
            let x = left as f64 + long(one) + 6.0;
            write!(out, "<text x={x:.0} y={}>{}</text>", y(row) + 4, Number(one.count))?;
        }
        Ok(())
    })
}

fn write_table(out: &mut String, part: &Part<'_>, largest: &[Combination]) -> fmt::Result {
    table::open(out, &part.label("combinations of holders"), "By exact holders, largest first", "wide")?;
    table::write_heads(out, [":Holders", "Identifiers"])?;
    let all = part.kind.members.len() <= EACH;
    for one in largest {
        let named = if all { one.holders.len() } else { one.holders.len().min(NAMED) };
        write!(out, "<tr><th scope=row>")?;
        if named < one.holders.len() {
            write!(out, "{}: ", counted(one.holders.len() as u64, "holder"))?;
        }
        for (at, name) in one.holders[..named].iter().enumerate() {
            write!(out, "{}{}", if at > 0 { ", " } else { "" }, Escaped(name.as_str()))?;
        }
        write!(
            out,
            "{}<td>{}",
            if named < one.holders.len() { " and others" } else { "" },
            Number(one.count)
        )?;
    }
    table::close(out)
}
