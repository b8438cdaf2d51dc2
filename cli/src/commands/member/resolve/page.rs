//! The member's own page: what its shares say of its rows, in numbers; the rows themselves only with their values.

use veilmatch::matching::Holders;
use veilmatch::member::resolve::ResolvedRow;
use veilmatch::report::{OwnKind, OwnReport, OwnRow};
use veilmatch::terms::{ContentDigest, Name};

use super::{Answer, Found};
use crate::commands::member::listing::Listing;
use crate::commands::member::tokenize::Participant;

pub(super) fn of(
    own: &Participant,
    log: Option<ContentDigest>,
    found: &[Found],
    with_values: bool,
) -> OwnReport {
    let member = own.member.name.clone();
    let (mut kinds, mut rows) = (Vec::new(), Vec::new());
    for Found { word, resolved, listed, .. } in found {
        let mut kind = OwnKind::new(word.kind().clone(), own.round.at_least());
        for (at, one) in resolved.rows.iter().enumerate() {
            let others = others(word, one.index, &member);
            kind.add(word.count(one.index), &others);
            if with_values {
                rows.push(row(word, one, (listed, at), others));
            }
        }
        kinds.push(kind);
    }
    let of_round = Some(own.round.of_round(log));
    OwnReport { member, of_round, kinds, rows: with_values.then_some(rows) }
}

/// Returns the other holders of a token, if the policy names them.
fn others(word: &Answer, index: usize, member: &Name) -> Vec<Name> {
    let Answer::Share(share) = word else { return Vec::new() };
    let holders = share.holders(index).into_iter().flat_map(Holders::names);
    holders.filter(|name| *name != member).cloned().collect()
}

fn row(word: &Answer, found: &ResolvedRow, (listed, at): (&Listing, usize), others: Vec<Name>) -> OwnRow {
    let mut place = String::new();
    let named = listed.named(found.place);
    for name in [&named.file, &named.column].into_iter().flatten() {
        place += name;
        place += ", ";
    }
    place += &found.place.to_string();
    let value = listed.value(at).map(|value| String::from_utf8_lossy(value).into_owned());
    OwnRow {
        place,
        kind: word.kind().clone(),
        holders: word.count(found.index),
        others,
        value: value.unwrap_or_default(),
    }
}
