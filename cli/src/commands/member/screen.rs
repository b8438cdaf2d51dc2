//! screen: identifiers come in line by line. Those that a share, or the member's own set, has go out at once.

mod answers;
mod watched;

use std::io::{self, Read, Write};
use std::sync::Arc;

use veilmatch::member::oprf::Tags;
use veilmatch::member::rows::Encoding;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::screen::ScreenIndex;
use veilmatch::terms::KindId;
use veilmatch::{Error, Reason, Token};

use super::summary;
use super::tokenize::Participant;
use crate::arguments::{Delimiter, InputFormat, Stream, mistyped};
use crate::keys::guard;
use crate::rows::records::Records;
use crate::rows::stream_lines::Lines;
use crate::session::{Session, take_stdin};
use crate::{Failure, arguments};
use answers::{Counts, Lookup, header, lines_of};
use watched::Watched;

pub(crate) fn run(session: &mut Session, arguments: &arguments::Screen) -> Result<(), Failure> {
    let (own, tokenizers) = Participant::of(session, &arguments.part)?;
    // This comes first: a file that is `-` must not eat up the stream.
    let input = take_stdin().map_err(|error| Error::from(error).at("standard input"))?;
    let mut watched = Watched::open(session, &own, arguments)?;
    let kind = watched.screen.current().terms().context.kind().clone();
    // The stream may last for months, so only the key of one kind stays before its first line.
    let tokenizers = tokenizers.keep(&own, std::slice::from_ref(&kind))?;
    let mut tokenizer = tokenizers.into_iter().next().expect("one for the one kind");
    let stream = &arguments.stream;
    if let Some(plan) = &stream.national_plan {
        tokenizer = tokenizer.with_national_plan(plan.parse()?);
    }
    guard::hold(&tokenizer);
    // A file under another secret is found before the first line.
    let screened = watched.screen.current();
    let terms = match &own.custodied {
        None => tokenizer.terms(),
        Some(custodied) => custodied.translator(&kind)?.terms(),
    };
    terms.require(screened.terms(), screened.member())?;
    drop(screened);
    let records = records(stream, &kind)?;
    let encoding = stream.encoding.as_deref().map(str::parse::<Encoding>).transpose();
    let mut input: Box<dyn Read> = match encoding.map_err(|error| error.at("--encoding"))? {
        Some(encoding) => encoding.decode(input),
        None => Box::new(input.lock()),
    };
    session.begin()?;
    let counts = answer(session, &own, &mut watched, &tokenizer, records, &mut input)?;
    session.result(summary::of(&kind, &counts.counters, &format!("{} hits", counts.hits)));
    session.count(format_args!("{kind}/rows"), counts.counters.rows);
    session.count(format_args!("{kind}/hits"), counts.hits);
    Ok(())
}

/// Returns the columns of the kind, if the stream is CSV.
fn records(stream: &Stream, kind: &KindId) -> Result<Option<Records>, Failure> {
    if stream.format == Some(InputFormat::Parquet) {
        return Err(Failure::Usage(
            "a stream is lines or CSV: Parquet cannot be read as it comes (resolve reads it)",
        ));
    }
    let csv = stream.format.map_or(!stream.columns.is_empty(), |format| format == InputFormat::Csv);
    if !csv {
        let of_csv =
            stream.columns.is_empty() && (stream.delimiter.is_some() || stream.subject_column.is_some());
        return match of_csv {
            true => {
                Err(Failure::Usage("--delimiter and --subject-column need a CSV stream (--column NAME=KIND)"))
            }
            false => Ok(None),
        };
    }
    let mut columns = Vec::new();
    for named in &stream.columns {
        let (name, of) = named
            .rsplit_once('=')
            .ok_or(Failure::Usage("--column takes NAME=KIND, such as card=card.pan"))?;
        if mistyped::kind(of)?.kind_id() == *kind {
            columns.push(name.trim().to_owned());
        }
    }
    if columns.is_empty() {
        let message = format!("expected a column of {kind}, as the share or set is, in --column NAME=KIND");
        return Err(Failure::Refused { code: "missing_column", message });
    }
    let delimiter = stream.delimiter.map_or(b',', |Delimiter(byte)| byte);
    Ok(Some(Records::new(columns, stream.subject_column.clone(), delimiter)))
}

/// What values are tagged as, in a round with custodians: the tags of all tokens that are screened against.
struct Translated {
    screened: Arc<ScreenIndex>,
    tags: Option<Tags>,
}

impl Translated {
    /// What is not in the cache is no hit: all tokens of a share, and of the member's own set, were evaluated. A cache that lacks
    /// some of them is refused.
    fn of(own: &Participant, tokenizer: &Tokenizer, screened: Arc<ScreenIndex>) -> Result<Self, Failure> {
        let kind = tokenizer.terms().context.kind();
        let tags = own.custodied.as_ref().map(|custodied| {
            let is_screened = |token: &Token| Ok(screened.find(token)?.is_some());
            custodied.translator(kind)?.tags(is_screened, custodied.cache(tokenizer)?)
        });
        let tags = tags.transpose()?;
        if let Some(tags) = tags.as_ref().filter(|tags| (tags.len() as u64) < screened.len()) {
            let lacks = screened.len() - tags.len() as u64;
            let message = format!(
                "{kind}: the cache lacks {lacks} identifiers of the {} that are screened against: expected the cache with \
                 which the set was made, or a later one",
                screened.len()
            );
            return Err(Failure::Refused { code: "not_evaluated", message });
        }
        Ok(Self { tags, screened })
    }
}

/// Answers all lines that have come before it waits for more. So a line has its answer at once, and a file goes through
/// in blocks.
fn answer(
    session: &mut Session,
    own: &Participant,
    watched: &mut Watched<'_>,
    tokenizer: &Tokenizer,
    mut records: Option<Records>,
    input: &mut impl Read,
) -> Result<Counts, Failure> {
    let mut out = io::stdout().lock();
    let to_out = |error: io::Error| Error::from(error).at("standard output");
    let of_input = |error: Error| error.at("standard input");
    let mut lines = Lines::new();
    let mut counts = Counts::default();
    let mut hits = header(&watched.screen.current(), records.as_ref());
    let mut translated = Translated::of(own, tokenizer, watched.screen.current())?;
    loop {
        if !hits.is_empty() {
            out.write_all(&hits).and_then(|()| out.flush()).map_err(to_out)?;
            hits.clear();
        }
        let read = lines.read(input).map_err(|error| of_input(error.into()))?;
        watched.refresh(session, own)?;
        if !lines.begin(read == 0).map_err(of_input)? {
            continue;
        }
        let screened = watched.screen.current();
        if !Arc::ptr_eq(&screened, &translated.screened) {
            translated = Translated::of(own, tokenizer, Arc::clone(&screened))?;
        }
        let mut lookup = Lookup { screened: &screened, tags: translated.tags.as_ref(), hits: &mut hits };
        let too_long = lines.cut_too_long();
        let (whole, taken) = lines.whole(read == 0);
        let below = match &mut records {
            Some(records) => records.begin(whole)?,
            None => 0,
        };
        counts.lines += lines_of(&whole[..below]);
        let whole = &whole[below..];
        match &mut records {
            Some(records) => lookup.records(&mut counts, records, tokenizer, whole).map_err(of_input)?,
            None => lookup.lines(&mut counts, tokenizer, whole)?,
        }
        counts.lines += lines_of(whole);
        lines.consume(taken);
        if too_long {
            counts.lines += 1;
            counts.rows += 1; // the last that came
            counts.counters.rows += 1;
            counts.counters.rejected.count(Reason::RowTooLong);
        }
        if read == 0 {
            out.write_all(&hits).and_then(|()| out.flush()).map_err(to_out)?;
            return Ok(counts);
        }
    }
}
