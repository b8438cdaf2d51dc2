//! resolve --trail: the member's own subjects in trails, and which of their identifiers lead on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use veilmatch::container::{FileHeader, FileType};
use veilmatch::member::linking::OwnRows;
use veilmatch::terms::{KindId, Name, Pseudonym};
use veilmatch::trail::{Answer, OwnPage, OwnSubject, OwnTrail};
use veilmatch::{Error, Place, Token};

use super::publish_page;
use crate::Failure;
use crate::arguments::Resolve;
use crate::commands::member::linked::Linker;
use crate::commands::print;
use crate::files::envelope::read_if;
use crate::keys::guard;
use crate::rows::source::Input;
use crate::rows::wanted::Wanted;
use crate::session::Session;

/// The columns of the list.
const COLUMNS: [&str; 6] = ["rows", "trail", "distance", "kind", "behind", "members"];

/// The column after them that says what a subject is called in a statement.
const STATED: &str = "stated";

/// The most rows that a message names.
const NAMED_ROWS: usize = 50;

pub(super) fn run(session: &mut Session, arguments: &Resolve, path: &Path) -> Result<(), Failure> {
    let is_order = arguments.case.is_some(); // orders come when the round is long over
    let round = match is_order {
        true => session.round_at_any_time(&arguments.part.agreed)?,
        false => session.round(&arguments.part.agreed)?,
    };
    let (own, tokenizers, linker) = Linker::of(session, round, &arguments.part)?;
    let input = Input::open(session, &arguments.source, 2)?;
    let subject = arguments.subject_column.as_deref().map(|name| input.subject(name)).transpose()?;
    let (now, member) = (session.now, &own.member.name);
    let named = |error: Error| error.at(path.display().to_string());
    let judge = |header: &FileHeader| {
        own.round.admit_header(header)?;
        match is_order {
            true => header.metadata().require_made(now),
            false => header.metadata().require_current(now),
        }
    };
    let answer = read_if(session, path, &own.round, FileType::Trail, judge, |bytes| {
        let answer = Answer::from_file_bytes(bytes)?;
        own.round.accept_answer(&answer, member)?;
        Ok(answer)
    })?;
    let mut rows = OwnRows::new(&own.round, member, &linker.keys, &answer).map_err(named)?;
    let kinds = rows.kinds();
    let wanted = kinds.iter().map(|kind| wanted(&input, kind)).collect::<Result<Vec<_>, _>>()?;
    let tokenizers = tokenizers.keep(&own, &kinds)?.into_iter().map(|one| input.planned(one));
    let tokenizers: Vec<_> = tokenizers.collect();
    guard::hold(&tokenizers[..]);
    let all = match &subject {
        Some(column) => input.subjects(column)?,
        None => input.all_rows()?,
    };
    let has_cells = subject.is_some();
    let read = all.each(|place, cell| {
        let cell = if has_cells { cell } else { &[] };
        rows.add(linker.pseudonyms.of(cell, place.input as u64, place.row), place);
    });
    read.map_err(|error| input.blame(error))?;
    for (wanted, tokenizer) in wanted.iter().zip(&tokenizers) {
        let (of_kind, place) = (input.rows(wanted)?, |place| input.in_file(place));
        let read = match &own.custodied {
            None => rows.read(tokenizer, &linker.keys, of_kind, place),
            Some(custodied) => {
                let kind = tokenizer.terms().context.kind();
                let is_wanted = |token: &Token| rows.is_wanted(kind, &linker.keys, token);
                let tags = custodied.translator(kind)?.tags(is_wanted, custodied.cache(tokenizer)?)?;
                rows.read_tags((tokenizer, &tags), &linker.keys, of_kind, place)
            }
        };
        read.map_err(|error| input.blame(error))?;
    }
    rows.require().map_err(|error| named(error.at(input.name())))?;
    let (authority, case) = (&arguments.authority, &arguments.case);
    let stated = authority.as_deref().zip(case.as_deref());
    let stated =
        stated.map(|(path, case)| Ok::<_, Error>((session.public_keys(path)?.seal, case))).transpose()?;
    let stated = |subject: &Pseudonym| {
        stated.as_ref().map(|(key, case)| linker.pseudonyms.for_authority(key, case, subject))
    };
    let shown = Shown { rows: &rows, has_files: input.files() > 1, stated: &stated };
    tell(session, &answer, &shown);
    if let Some(out) = &arguments.html {
        let of = own.round.of_round(session.head());
        let rows = |subject: &Pseudonym| format!("rows {}", shown.subject(subject));
        let page = OwnPage { answer: &answer, of_round: Some(&of), rows: &rows };
        publish_page(session, out, |out| Ok(page.write_html(out)?))?;
    }
    let heads = COLUMNS.into_iter().chain(arguments.case.is_some().then_some(STATED)).collect();
    let lines: Vec<Vec<String>> = answer
        .trails
        .iter()
        .flat_map(|trail| trail.own.iter().flat_map(|own| shown.lines(trail, own)))
        .collect();
    session.at_last(move |_| print(|out| csv(out, heads, &lines)));
    Ok(())
}

/// Returns where the identifiers of a kind are.
fn wanted(input: &Input<'_>, kind: &KindId) -> Result<Wanted, Failure> {
    input.of_kind(kind).ok_or_else(|| {
        let message =
            format!("{kind}: expected --column NAME={kind}: the answer speaks of identifiers of this kind");
        Failure::Refused { code: "kind_unasked", message }
    })
}

/// How rows are shown.
struct Shown<'a> {
    rows: &'a OwnRows<'a>,
    /// Whether there are several files.
    has_files: bool,
    /// What a subject is called in a statement, if that is asked for.
    stated: &'a (dyn Fn(&Pseudonym) -> Option<Pseudonym> + Sync),
}

impl Shown<'_> {
    /// Returns the lines of a subject: one for each identifier that leads on, or one without.
    fn lines(&self, trail: &OwnTrail, own: &OwnSubject) -> Vec<Vec<String>> {
        let members = match &trail.names {
            Some(names) => names.iter().map(Name::as_str).collect::<Vec<_>>().join(" "),
            None => trail.members.to_string(),
        };
        let rows = self.subject(&own.pseudonym);
        let line = |kind: String, behind: Option<u64>| {
            let behind = behind.map(|number| number.to_string()).unwrap_or_default();
            let (id, distance) = (trail.id.to_string(), own.distance.to_string());
            let mut line = vec![rows.clone(), id, distance, kind, behind, members.clone()];
            line.extend((self.stated)(&own.pseudonym).map(|stated| stated.to_string()));
            line
        };
        match &own.leads[..] {
            [] => vec![line(String::new(), None)],
            leads => leads.iter().map(|lead| line(lead.kind.to_string(), lead.behind)).collect(),
        }
    }

    fn subject(&self, subject: &Pseudonym) -> String {
        self.joined(self.rows.rows(subject).iter())
    }

    /// Returns rows beside each other.
    fn joined<'p>(&self, places: impl Iterator<Item = &'p Place>) -> String {
        let mut text = String::new();
        for place in places {
            let space = if text.is_empty() { "" } else { " " };
            let _ = match self.has_files {
                true => write!(text, "{space}{}:{}", place.input + 1, place.row),
                false => write!(text, "{space}{}", place.row),
            };
        }
        text
    }

    /// Returns the first of some rows, for a message.
    fn first(&self, mut places: Vec<Place>) -> String {
        places.sort_unstable_by_key(|place| (place.input, place.row));
        places.dedup_by_key(|place| (place.input, place.row));
        let more = places.len().saturating_sub(NAMED_ROWS);
        let shown = self.joined(places.iter().take(NAMED_ROWS));
        match more {
            0 => format!("rows {shown}"),
            more => format!("rows {shown} and {more} more"),
        }
    }
}

/// Says which seeds have no trail because it is too large, and which identifiers were left out.
fn tell(session: &mut Session, answer: &Answer, shown: &Shown<'_>) {
    let subjects = answer.trails.iter().map(|trail| trail.own.len() as u64).sum();
    session.count("trails", answer.trails.len() as u64);
    session.count("trails/subjects", subjects);
    session.result(format_args!("{} trails have subjects of ours", answer.trails.len()));
    if answer.without > 0 {
        let missing = answer.without;
        session.warn(format_args!(
            "members whose links are missing, all or those of a kind: {missing}; what leads through these is not found"
        ));
        session.count("without", missing);
    }
    if !answer.too_large.is_empty() {
        let rows = answer.too_large.iter().flat_map(|seed| shown.rows.rows(seed)).copied().collect();
        session.result(format_args!(
            "{} of our seeds have trails too large to be given out: {}",
            answer.too_large.len(),
            shown.first(rows)
        ));
        session.count("trails/too_large", answer.too_large.len() as u64);
    }
    let mut left_out: BTreeMap<(&KindId, bool), (u64, Vec<Place>)> = BTreeMap::new();
    for dropped in &answer.dropped {
        let (number, rows) = left_out.entry((&dropped.kind, dropped.for_all)).or_default();
        *number += 1;
        rows.extend(shown.rows.rows_of(&dropped.kind, &dropped.token));
    }
    for ((kind, for_all), (number, rows)) in left_out {
        let why = match for_all {
            true => "left out for all, since too many subjects have them",
            false => "left out for us alone, since too many of our subjects have them",
        };
        session.result(format_args!("{kind}: {number} identifiers {why}: {}", shown.first(rows)));
        session.count(format_args!("{kind}/left_out"), number);
    }
}

fn csv(out: &mut dyn io::Write, heads: Vec<&str>, lines: &[Vec<String>]) -> Result<(), Error> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(heads).map_err(io::Error::from)?;
    lines.iter().try_for_each(|line| csv.write_record(line)).map_err(io::Error::from)?;
    Ok(csv.flush()?)
}
