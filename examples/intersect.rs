//! The whole coalition in one process: what do at least k members have in common?
//!
//! ```text
//! cargo run --release --example intersect
//! cargo run --release --example intersect -- --kind crypto.btc --at-least 2 A.txt B.txt C.csv
//! cargo run --release --example intersect -- --column card=card.pan --column mail=email.mailbox A.csv B.csv
//! ```
//!
//! In a real round each member runs `tokenize_all` at home, and only its sets travel: the hub runs
//! `match_sets`, without the secret, and sends each member its share. Read this file as the guide to
//! embedding; the modules beside it only parse arguments, draw progress and hold the demonstration.

#[path = "intersect/arguments.rs"]
mod arguments;
#[path = "intersect/bar.rs"]
mod bar;
#[path = "intersect/demo.rs"]
mod demo;

use std::fs::File;
use std::io::Write as _;
use std::process::ExitCode;

use arguments::{Arguments, Job, Source};
use bar::Bar;
use veilmatch::matching::Query;
use veilmatch::member::identifier::Kind;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::rows::{CsvRows, Rows};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::report::KindReport;
use veilmatch::terms::{KeyContext, Name};
use veilmatch::{Error, Intersection, Progress, Report, TokenSet};

/// The coalition's name and epoch take part in every key: another coalition's sets never match.
fn context(kind: Kind) -> Result<KeyContext, Error> {
    KeyContext::new(Name::new("example-coalition")?, 1, kind.kind_id())
}

/// At each member: raw identifiers of one kind become a set of tokens.
fn tokenize_all(
    tokenizer: &Tokenizer,
    source: &Source,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Vec<TokenSet>, Error> {
    let tokenize = |(member, path): &(Name, String)| -> Result<TokenSet, Error> {
        let file = File::open(path)?;
        let rows = match source {
            Source::Column(name) => CsvRows::new(file).value_column(name.as_str()).into(),
            Source::Identifiers if path.to_ascii_lowercase().ends_with(".csv") => {
                let rows = CsvRows::new(file);
                Rows::from(if job.no_header { rows.without_header() } else { rows })
            }
            Source::Identifiers => Rows::lines(file),
        };
        Ok(tokenizer.tokenize(member, rows.with_progress(progress))?.set)
    };
    let named = |member: &(Name, String)| tokenize(member).map_err(|error| error.at(&member.1));
    job.members.iter().map(named).collect()
}

/// At the hub: sets under the same terms are matched; any that differ are an error.
fn match_sets(sets: &[TokenSet], at_least: usize) -> Result<Query<'_>, Error> {
    sets.iter().try_fold(Intersection::new(), |match_, set| match_.add(set))?.at_least(at_least)
}

fn run(job: &Job, progress: &dyn Progress) -> Result<Report, Error> {
    let secret = match &job.secret_file {
        Some(path) => CoalitionSecret::read_file(path)?,
        None => CoalitionSecret::generate()?, // every member is in this process
    };
    let mut report = Report::new(job.at_least, job.members.iter().map(|(name, _)| name.clone()).collect());
    for (source, kind) in &job.columns {
        let tokenizer = Tokenizer::new(&secret, context(*kind)?)?;
        // A bad threshold or two members of one name show before hours of reading.
        let empty = |(member, _): &(Name, String)| {
            TokenSet::from_tokens(tokenizer.terms().clone(), member.clone(), Vec::new())
        };
        let _ = match_sets(&job.members.iter().map(empty).collect::<Vec<_>>(), job.at_least)?;

        let sets = tokenize_all(&tokenizer, source, job, progress)?;
        report.kinds.push(KindReport::new(&match_sets(&sets, job.at_least)?.with_progress(progress))?);
    }
    Ok(report)
}

fn main() -> ExitCode {
    let output = match arguments::parse() {
        Ok(Arguments::Help) => Ok(arguments::USAGE.to_owned()),
        Ok(Arguments::Demonstration) => demo::run(),
        Ok(Arguments::Match(job)) => {
            let bar = Bar::new();
            let report = run(&job, &bar);
            bar.finish();
            report.map(|report| if job.json { report.to_json() + "\n" } else { report.to_string() })
        }
        Err(usage) => {
            let _ = writeln!(std::io::stderr(), "intersect: {usage}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    let mut stdout = std::io::stdout().lock();
    let written = output.and_then(|text| {
        let printed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
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
