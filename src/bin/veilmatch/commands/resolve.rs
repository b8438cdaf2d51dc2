//! resolve: which of a member's own rows its shares speak of, as CSV.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use veilmatch::resolve::{Resolved, resolve, resolve_within};
use veilmatch::tokenize::Tokenizer;
use veilmatch::{Disclosure, Error, SetBuilder, Share};
use zeroize::Zeroizing;

use super::print;
use super::tokenize::Own;
use crate::Failure;
use crate::arguments::{Memory, Resolve};
use crate::envelope::read_as;
use crate::part::Part;
use crate::session::Session;
use crate::source::{Input, Wanted};

/// What one share says about the rows.
struct OfShare {
    share: Share,
    resolved: Resolved,
    /// Raw values of the resolved rows, where they are asked for; wiped when dropped.
    values: Option<Vec<Zeroizing<Vec<u8>>>>,
}

pub(crate) fn run(session: &mut Session, arguments: &Resolve) -> Result<(), Failure> {
    let own = Own::of(session, &arguments.part)?;
    let input = Input::open(&arguments.source, 1 + usize::from(arguments.with_values))?;
    let mut shares = Vec::new();
    let now = session.now;
    for path in &arguments.shares {
        shares.push(read_as(session, path, &own.round, |bytes| {
            let share = Share::from_file_bytes(bytes)?;
            own.round.accept(&share, &own.member.name)?;
            share.stamp().require_current(now)?;
            Ok(share)
        })?);
    }
    require_each_kind_once(&shares)?;
    let wanted: Vec<Wanted> = shares.iter().map(|share| wanted(&input, share)).collect::<Result<_, _>>()?;
    if let Some(path) = input.path() {
        session.state_raw_input(path)?;
    }
    let budget = arguments.memory.map(|memory| Budget::new(memory, &arguments.shares[0])).transpose()?;
    let mut found = Vec::new();
    for (share, wanted) in shares.into_iter().zip(&wanted) {
        found.push(of_share(&own, &input, wanted, share, arguments.with_values, budget.as_ref())?);
    }
    for of in &found {
        session.count(
            format_args!("{}/resolved", of.share.terms().domain.kind()),
            of.resolved.rows.len() as u64,
        );
    }
    let with_values = arguments.with_values;
    session.at_last(move |_| print(|out| write(out, &found, with_values)));
    Ok(())
}

/// What may be kept of the rows' tokens in memory, and where the others are.
struct Budget {
    memory: Memory,
    /// Beside the first share.
    part: Part,
}

impl Budget {
    fn new(memory: Memory, share: &Path) -> Result<Self, Error> {
        let share = if share == Path::new("-") { Path::new("share") } else { share };
        match Part::beside(share) {
            Ok(part) => Ok(Self { memory, part }),
            Err(error) => Err(Error::from(error).at(share.display().to_string())),
        }
    }

    fn builder(&self, tokenizer: &Tokenizer, own: &Own) -> Result<SetBuilder, Error> {
        let folder = self.part.scratch("spill");
        SetBuilder::new(tokenizer.terms().clone(), own.member.name.clone(), self.memory.bytes(), &folder)
    }
}

/// Refuses two shares of one kind: each row would be listed twice.
fn require_each_kind_once(shares: &[Share]) -> Result<(), Failure> {
    let kind = |share: &Share| share.terms().domain.kind().clone();
    match (1..shares.len()).find(|&at| shares[..at].iter().any(|before| kind(before) == kind(&shares[at]))) {
        None => Ok(()),
        Some(at) => {
            let message = format!("two shares of {}: expected one for each kind", kind(&shares[at]));
            Err(Failure::Refused { code: "duplicate_share", message })
        }
    }
}

/// Where the identifiers of a share's kind are.
fn wanted(input: &Input<'_>, share: &Share) -> Result<Wanted, Failure> {
    let found = input.of_kind(share.terms().domain.kind());
    found.ok_or(Failure::Usage("expected the kind of every share in --kind or --column"))
}

fn of_share(
    own: &Own,
    input: &Input<'_>,
    wanted: &Wanted,
    share: Share,
    with_values: bool,
    budget: Option<&Budget>,
) -> Result<OfShare, Error> {
    let named = |error: Error| error.at(input.name());
    let tokenizer = input.planned(own.tokenizer(wanted.kind)?);
    let rows = input.rows(wanted)?;
    let resolved = match budget {
        None => resolve(&tokenizer, &own.member.name, &share, rows, &()),
        Some(budget) => resolve_within(&tokenizer, &share, rows, budget.builder(&tokenizer, own)?, &()),
    };
    let resolved = resolved.map_err(named)?;
    let numbers: Vec<u64> = resolved.rows.iter().map(|found| found.row).collect();
    let values = if with_values { Some(input.rows(wanted)?.select(&numbers).map_err(named)?) } else { None };
    Ok(OfShare { share, resolved, values })
}

/// One header line, then a line for each row found, in order of row and kind.
fn write(out: &mut dyn io::Write, found: &[OfShare], with_values: bool) -> Result<(), Error> {
    let names = found.iter().any(|of| of.share.disclosure() == Disclosure::Holders);
    let mut csv = csv::Writer::from_writer(out);
    let mut header = vec!["row", "kind", "holders"];
    header.extend(names.then_some("names"));
    header.extend(with_values.then_some("value"));
    csv.write_record(header).map_err(io::Error::from)?;

    let mut lines: Vec<(u64, usize, usize)> = Vec::new(); // row, which share, which of its rows
    for (which, of) in found.iter().enumerate() {
        lines.extend(of.resolved.rows.iter().enumerate().map(|(at, found)| (found.row, which, at)));
    }
    lines.sort_unstable();
    let (mut number, mut holders, mut named) = (String::new(), String::new(), String::new());
    for (row, which, at) in lines {
        let OfShare { share, resolved, values } = &found[which];
        let index = resolved.rows[at].index;
        number.clear();
        holders.clear();
        named.clear();
        let _ = write!(number, "{row}");
        let _ = write!(holders, "{}", share.holder_count(index));
        for (position, name) in share.holders(index).into_iter().flatten().enumerate() {
            named.push_str(if position > 0 { " " } else { "" });
            named.push_str(name.as_str());
        }
        let mut record: Vec<&[u8]> =
            vec![number.as_bytes(), share.terms().domain.kind().as_str().as_bytes(), holders.as_bytes()];
        record.extend(names.then_some(named.as_bytes()));
        record.extend(values.as_ref().map(|values| values[at].as_slice()));
        csv.write_record(record).map_err(io::Error::from)?;
    }
    Ok(csv.flush()?)
}
