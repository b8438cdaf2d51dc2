//! dry-run: what would become of the rows; needs no secret and leaves nothing.

use serde::Serialize;
use veilmatch::domain::{Domain, KindId, Name};
use veilmatch::key::CoalitionSecret;
use veilmatch::tokenize::Tokenizer;
use veilmatch::{Counters, Error};

use super::{print, summary};
use crate::Failure;
use crate::arguments::{DryRun, OutputFormat};
use crate::session::Session;
use crate::source::Input;

/// What became of one kind.
#[derive(Serialize)]
struct Answer {
    kind: KindId,
    counters: Counters,
    unique: u64,
    hints: Vec<String>,
    /// The first rejected rows.
    rejected_rows: Vec<RejectedRow>,
}

#[derive(Serialize)]
struct RejectedRow {
    row: u64,
    reason: String,
}

pub(crate) fn run(session: &mut Session, arguments: &DryRun) -> Result<(), Failure> {
    let input = Input::open(&arguments.source, 1)?;
    if let Some(path) = input.path() {
        session.state_raw_input(path)?;
    }
    let member = Name::new("dry-run")?;
    let mut answers = Vec::new();
    for wanted in &input.wanted {
        // Any secret will do: the tokens go nowhere.
        let domain = Domain::new(member.clone(), 0, wanted.kind.kind_id())?;
        let tokenizer = input.planned(Tokenizer::new(&CoalitionSecret::generate()?, domain)?);
        let tokenized = tokenizer.tokenize(&member, input.rows(wanted)?, &());
        let tokenized = tokenized.map_err(|error| error.at(input.name()))?;
        let counters = tokenized.set.counters().clone();
        session.count(format_args!("{}/rows", wanted.kind.kind_id()), counters.rows);
        let rejected = tokenized.rejections.iter();
        answers.push(Answer {
            kind: wanted.kind.kind_id(),
            hints: summary::hints(&counters),
            unique: tokenized.set.len() as u64,
            counters,
            rejected_rows: rejected
                .map(|rejection| RejectedRow { row: rejection.row, reason: rejection.reason.to_string() })
                .collect(),
        });
    }
    match arguments.summary {
        OutputFormat::Json => print(|out| {
            serde_json::to_writer(&mut *out, &answers)
                .map_err(|error| Error::from(std::io::Error::from(error)))?;
            Ok(writeln!(out)?)
        }),
        OutputFormat::Text => print(|out| answers.iter().try_for_each(|answer| answer.write(out))),
    }
}

impl Answer {
    fn write(&self, out: &mut dyn std::io::Write) -> Result<(), Error> {
        writeln!(out, "{}", summary::line(&self.kind, &self.counters, self.unique))?;
        for hint in &self.hints {
            writeln!(out, "  {hint}")?;
        }
        for RejectedRow { row, reason } in &self.rejected_rows {
            writeln!(out, "  row {row}: {reason}")?;
        }
        let more = self.counters.rejected.total() - self.rejected_rows.len() as u64;
        if more > 0 {
            writeln!(out, "  and {more} more")?;
        }
        Ok(())
    }
}
