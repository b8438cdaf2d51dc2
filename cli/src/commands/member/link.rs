//! link: tells the hub which of the member's subjects have which identifiers of its shares, all under other names.

use std::collections::BTreeSet;

use veilmatch::member::linking::{self, Pseudonyms};
use veilmatch::member::resolve::Resolved;
use veilmatch::member::rows::Column;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::{KindId, Pseudonym};
use veilmatch::trail::NewLinks;
use veilmatch::{Error, Place, Share};

use super::linked::Linker;
use super::resolve::{self, Answer, Budget};
use super::tokenize::{Participant, Tokenizers};
use crate::Failure;
use crate::arguments::Link;
use crate::files::envelope::sealed;
use crate::files::folders;
use crate::keys::guard;
use crate::output::{Makes, Pending};
use crate::rows::source::Input;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Link) -> Result<(), Failure> {
    let round = session.round(&arguments.part.agreed)?;
    let (own, tokenizers, linker) = Linker::of(session, round, &arguments.part)?;
    let columns = [&arguments.subject_column, &arguments.seed_column];
    let passes = 1 + columns.iter().filter(|column| column.is_some()).count();
    let input = Input::open(session, &arguments.source, passes)?;
    let subject = arguments.subject_column.as_deref().map(|name| input.subject(name)).transpose()?;
    let seed = arguments.seed_column.as_deref().map(|name| input.seeds(name)).transpose()?;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Links)?;
    let marked = match &seed {
        Some(column) => marked(&input, column)?, // a wrong word is found before the rows are tokenised
        None => Vec::new(),
    };
    let matched = matched(session, arguments, &own, tokenizers, &input)?;
    let found = matched.iter().flat_map(|(_, resolved)| &resolved.rows).map(|found| found.place);
    let rows = found.chain(marked.iter().copied()).map(|place| input.in_file(place)).collect();
    let subjects = Subjects::read(&input, subject.as_ref(), &linker.pseudonyms, rows)?;
    let seeds: BTreeSet<Pseudonym> = marked.iter().map(|place| subjects.of(*place)).collect();
    require_seeds(&own, &matched, &input, &subjects, &seeds)?;
    let matched: Vec<(&Share, &Resolved)> =
        matched.iter().map(|(share, resolved)| (share, resolved)).collect();
    let links = linking::links(
        &own.round,
        &own.member.name,
        &linker.keys,
        &matched,
        |place| subjects.of(input.in_file(place)),
        |subject| seeds.contains(subject),
    )?;
    let links = links.with_metadata(session.metadata(&own.round)?);
    folder.write(&format!("{}.vml", own.member.name), |out| {
        sealed(own.round.hub_seal(), out, |out| match &linker.signer {
            Some(signer) => links.sign_to(&**signer, out),
            None => links.write_to(out),
        })
    })?;
    tell(session, &links, seeds.len());
    session.publish(folder);
    Ok(())
}

/// Reads the shares, and finds the rows that each speaks of.
fn matched(
    session: &mut Session,
    arguments: &Link,
    own: &Participant,
    tokenizers: Tokenizers,
    input: &Input<'_>,
) -> Result<Vec<(Share, Resolved)>, Failure> {
    let paths = folders::files_of(&arguments.shares, &["vsh"], arguments.source.skip_others)?;
    let words = resolve::words(session, own, &paths, &[])?;
    resolve::require_each_kind_once(&words)?;
    let kinds: Vec<KindId> = words.iter().map(|word| word.kind().clone()).collect();
    let wanted = words.iter().map(|word| resolve::wanted(input, word)).collect::<Result<Vec<_>, _>>()?;
    say_unlinked(session, input, &kinds);
    let tokenizers = tokenizers.keep(own, &kinds)?.into_iter().map(|one| input.planned(one));
    let tokenizers: Vec<Tokenizer> = tokenizers.collect();
    guard::hold(&tokenizers[..]);
    let budget = match (arguments.memory, paths.first()) {
        (Some(memory), Some(share)) => Some(Budget::new(memory, share)?),
        _ => None,
    };
    let mut matched = Vec::new();
    for (((word, path), wanted), tokenizer) in words.into_iter().zip(&paths).zip(&wanted).zip(&tokenizers) {
        let found = resolve::find(own, tokenizer, input.rows(wanted)?, &word, budget.as_ref());
        let found = found.map_err(|error| {
            let named = resolve::blame(error, path, input);
            resolve::explained(session, &arguments.source, &arguments.part, &word, named)
        })?;
        if let Answer::Share(share) = word {
            matched.push((share, found));
        }
    }
    Ok(matched)
}

/// Names each kind of the input that has no share: nothing of it is linked.
fn say_unlinked(session: &mut Session, input: &Input<'_>, shared: &[KindId]) {
    let kinds = input.wanted.iter().map(|wanted| wanted.kind.kind_id());
    for kind in kinds.filter(|kind| !shared.contains(kind)) {
        session.warn(format_args!("{kind}: no share was given, so nothing of it is linked"));
        session.count(format_args!("{kind}/unanswered"), 1);
    }
}

/// Finds the rows that mark a confirmed case, in order.
fn marked(input: &Input<'_>, column: &Column) -> Result<Vec<Place>, Failure> {
    let (mut marked, mut wrong) = (Vec::new(), None);
    let rows = input.subjects(column)?;
    let read = rows.each(|place, cell| match linking::marks_seed(cell) {
        Some(false) => {}
        Some(true) => marked.push(place),
        None => wrong = wrong.or(Some(place)),
    });
    read.map_err(|error| input.blame(error))?;
    match wrong {
        None => Ok(marked),
        Some(place) => {
            let file = input.file_of(place);
            let message = format!(
                "{file}, {place}: expected offender, victim, unknown or nothing in the column of --seed-column"
            );
            Err(Failure::Refused { code: "seed", message })
        }
    }
}

/// Refuses more seeds with links than the manifest allows.
fn require_seeds(
    own: &Participant,
    matched: &[(Share, Resolved)],
    input: &Input<'_>,
    subjects: &Subjects,
    seeds: &BTreeSet<Pseudonym>,
) -> Result<(), Failure> {
    let found = matched.iter().flat_map(|(_, resolved)| &resolved.rows);
    let linked = found.map(|found| subjects.of(input.in_file(found.place)));
    let linked: BTreeSet<Pseudonym> = linked.filter(|subject| seeds.contains(subject)).collect();
    let (linked, most) = (linked.len() as u64, own.round.trail()?.max_seeds);
    if linked <= most {
        return Ok(());
    }
    let message = format!(
        "--seed-column marks {linked} seeds with links, and the manifest allows {most}: mark fewer, or agree on a round with \
         a larger max_seeds"
    );
    Err(Failure::Refused { code: "too_many_seeds", message })
}

/// Whose each of some rows is, in order.
struct Subjects(Vec<((usize, u64), Pseudonym)>);

impl Subjects {
    fn read(
        input: &Input<'_>,
        column: Option<&Column>,
        pseudonyms: &Pseudonyms,
        mut rows: Vec<Place>,
    ) -> Result<Self, Error> {
        rows.sort_unstable_by_key(order);
        rows.dedup_by_key(|place| order(place));
        let of =
            |place: &Place, cell: &[u8]| (order(place), pseudonyms.of(cell, place.input as u64, place.row));
        let Some(column) = column else { return Ok(Self(rows.iter().map(|place| of(place, &[])).collect())) };
        let cells = input.subjects(column)?.select(&rows).map_err(|error| input.blame(error))?;
        Ok(Self(rows.iter().zip(cells).map(|(place, cell)| of(place, &cell)).collect()))
    }

    fn of(&self, place: Place) -> Pseudonym {
        let at = self.0.binary_search_by_key(&order(&place), |(row, _)| *row);
        self.0[at.expect("one of the rows that were read")].1
    }
}

fn order(place: &Place) -> (usize, u64) {
    (place.input, place.row)
}

fn tell(session: &mut Session, links: &NewLinks, seeds: usize) {
    for linked in links.kinds() {
        let (kind, tokens, links) = (&linked.kind, linked.tokens, linked.links);
        session.result(format_args!("{kind}: {tokens} identifiers, {links} links"));
        session.count(format_args!("{kind}/linked"), links);
    }
    let (subjects, sent) = (links.subjects(), links.seeds());
    session.result(format_args!("{subjects} subjects, {sent} of them seeds"));
    if seeds > sent {
        session.result(format_args!(
            "{} seeds have no identifier that others have too; they are not sent",
            seeds - sent
        ));
    }
    let counts = [("subjects", subjects), ("seeds", sent), ("seeds/alone", seeds - sent)];
    counts.into_iter().for_each(|(what, number)| session.count(what, number as u64));
}
