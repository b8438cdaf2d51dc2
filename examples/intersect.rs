//! The whole coalition in one process: what do at least k members have in common?
//!
//! ```text
//! cargo run --release --example intersect
//! cargo run --release --example intersect -- --kind crypto.btc --at-least 2 A.txt B.txt C.csv
//! cargo run --release --example intersect -- --column card=card.pan --column mail=email.mailbox A.csv B.csv
//! cargo run --release --example intersect -- --delimiter semicolon --encoding latin1 --national-plan 49/0 \
//!     --column phone=phone.e164 --column mobile=phone.e164 A.csv B.csv
//! ```
//!
//! In a real round each member runs `tokenize_all` at home, and only its sets travel: the hub runs `match_sets`, without the
//! secret, and sends each member its share, which the member resolves (`learn`). Read this file as the guide to embedding.
//! The modules beside it parse arguments, draw progress, hold the demonstration, word what was found, and follow a trail.

#[path = "intersect/arguments.rs"]
mod arguments;
#[path = "intersect/bar.rs"]
mod bar;
#[path = "intersect/demo.rs"]
mod demo;
#[path = "intersect/outcome.rs"]
mod outcome;
#[path = "intersect/trail.rs"]
mod trail;

use std::fs::File;
use std::io::{Read, Write as _};
use std::process::ExitCode;

use arguments::{Arguments, Export, Format, Job, Member};
use bar::Bar;
use outcome::{Listing, Outcome};
use veilmatch::matching::{Holders, Query};
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::resolve::resolve;
use veilmatch::member::{Column, CsvRows, Kind, Rows, Tokenizer};
use veilmatch::report::KindReport;
use veilmatch::terms::{KeyContext, Name};
use veilmatch::{Disclosure, Error, Intersection, Progress, Report, Share, TokenSet};

/// The coalition's name and epoch take part in every key: another coalition's sets never match.
fn context(kind: Kind) -> Result<KeyContext, Error> {
    KeyContext::new(Name::new("example-coalition")?, 1, kind.kind_id())
}

/// At a member: the raw identifiers of one kind, from all columns that hold it.
fn rows<'a>(job: &Job, member: &'a Member, columns: &[Column]) -> Result<Rows<'a>, Error> {
    let of_column = |column: &Column| -> Result<Rows<'a>, Error> {
        let reader: Box<dyn Read + Send + 'a> = match &member.export {
            Export::File(path) => Box::new(File::open(path)?),
            Export::BuiltIn(text) => Box::new(text.as_bytes()),
        };
        let reader = match job.encoding {
            Some(encoding) => encoding.decode(reader),
            None => reader,
        };
        if *column == Column::First && !member.export.is_csv() {
            return Ok(Rows::lines(reader));
        }
        let csv = CsvRows::new(reader).value_column(column.clone()).delimiter(job.delimiter.unwrap_or(b','));
        Ok(if job.no_header { csv.without_header() } else { csv }.into())
    };
    let chained = columns.iter().map(of_column).reduce(|before, next| Ok(before?.chain(next?)));
    chained.expect("each kind has a column")
}

/// At each member: rows become a set of tokens. Rejected rows are listed, never with their values.
fn tokenize_all(
    tokenizer: &Tokenizer,
    job: &Job,
    columns: &[Column],
    rejected: &mut Listing,
    progress: &dyn Progress,
) -> Result<Vec<TokenSet>, Error> {
    let kind = tokenizer.terms().context.kind();
    let mut tokenize = |member: &Member| -> Result<TokenSet, Error> {
        let rows = rows(job, member, columns)?.with_progress(progress);
        let tokenized = tokenizer.tokenize(&member.name, rows)?;
        for rejection in &tokenized.rejections {
            let column = outcome::column(columns, rejection.place);
            rejected.push(format_args!("{} {kind}{column} {rejection}", member.name));
        }
        let all = tokenized.set.counters().rejected.total();
        rejected.more += all - tokenized.rejections.len() as u64;
        Ok(tokenized.set)
    };
    job.members.iter().map(|member| tokenize(member).map_err(|error| member.blame(error))).collect()
}

/// At the hub: sets under the same terms are matched; any that differ are an error.
fn match_sets(sets: &[TokenSet], at_least: usize) -> Result<Query<'_>, Error> {
    sets.iter().try_fold(Intersection::new(), |match_, set| match_.add(set))?.at_least(at_least)
}

/// At a member again: its share says which of its own rows others have, and who.
fn learn(
    tokenizer: &Tokenizer,
    job: &Job,
    columns: &[Column],
    share: &Share,
    learned: &mut Listing,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let member = &job.members[0];
    let rows = rows(job, member, columns)?.with_progress(progress);
    for found in resolve(tokenizer, &member.name, share, rows)?.rows {
        let holders = share.holders(found.index).into_iter().flat_map(Holders::names);
        let others: Vec<&str> = holders.filter(|name| **name != member.name).map(Name::as_str).collect();
        let others = if others.is_empty() { "nobody".to_owned() } else { others.join(", ") };
        let (kind, column) = (share.terms().context.kind(), outcome::column(columns, found.place));
        learned.push(format_args!("{} {kind}{column}: also seen by {others}", found.place));
    }
    Ok(())
}

fn run(job: &Job, progress: &dyn Progress) -> Result<Outcome, Error> {
    let secret = match &job.secret_file {
        Some(path) => CoalitionSecret::read_file(path)?,
        None => CoalitionSecret::generate()?, // every member is in this process
    };
    let names = job.members.iter().map(|member| member.name.clone()).collect();
    let mut report = Report::new(job.at_least, names);
    let (mut rejected, mut learned) = (Listing::default(), Listing::default());
    for (kind, columns) in &job.columns {
        let tokenizer = Tokenizer::new(&secret, context(*kind)?)?;
        let tokenizer = match job.plan {
            Some(plan) => tokenizer.with_national_plan(plan),
            None => tokenizer,
        };
        // A bad threshold or two members of one name show before hours of reading.
        let empty = |member: &Member| {
            TokenSet::from_tokens(tokenizer.terms().clone(), member.name.clone(), Vec::new())
        };
        let _ = match_sets(&job.members.iter().map(empty).collect::<Vec<_>>(), job.at_least)?;

        let sets = tokenize_all(&tokenizer, job, columns, &mut rejected, progress)?;
        let matched = match_sets(&sets, job.at_least)?.with_progress(progress);
        report.kinds.push(KindReport::new(&matched)?);
        if job.format == Format::Text {
            let first = &job.members[0];
            let share = matched.collect()?.share(&first.name, Disclosure::Holders)?;
            learn(&tokenizer, job, columns, &share, &mut learned, progress)
                .map_err(|error| first.blame(error))?;
        }
    }
    let trail = match (&job.case, job.format) {
        (Some(case), Format::Text) => trail::follow(job, &secret, case)?,
        _ => String::new(),
    };
    Ok(Outcome { first: job.members[0].name.clone(), report, rejected, learned, trail, note: job.note })
}

fn written(found: &Outcome, format: Format) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    match format {
        Format::Text => page.extend(found.to_string().into_bytes()),
        Format::Json => page.extend((found.report.to_json() + "\n").into_bytes()),
        Format::Html => found.report.write_html(&mut page)?,
    }
    Ok(page)
}

fn main() -> ExitCode {
    let output = match arguments::parse() {
        Ok(Arguments::Help) => Ok(arguments::USAGE.as_bytes().to_vec()),
        Ok(Arguments::Match(job)) => {
            let bar = Bar::new();
            let outcome = run(&job, &bar);
            bar.finish();
            outcome.and_then(|found| written(&found, job.format))
        }
        Err(usage) => {
            let _ = writeln!(std::io::stderr(), "intersect: {usage}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    let mut stdout = std::io::stdout().lock();
    let written = output.and_then(|bytes| {
        let printed = stdout.write_all(&bytes).and_then(|()| stdout.flush());
        printed.map_err(|error| Error::from(error).at("standard output"))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "intersect: {error}");
            ExitCode::from(1)
        }
    }
}
