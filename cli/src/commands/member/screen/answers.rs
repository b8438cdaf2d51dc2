//! What is looked up, counted and answered, value by value.

use std::io;

use veilmatch::member::oprf::Tags;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::screen::ScreenIndex;
use veilmatch::terms::Name;
use veilmatch::{Counters, Error, Place, Reason, Token};

use crate::rows::records::Records;
use crate::rows::stream_lines::rows;

/// Counts what became of the values.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) counters: Counters,
    /// All rows; each has a value for each column.
    pub(super) rows: u64,
    /// All lines, empty ones too.
    pub(super) lines: u64,
    pub(super) hits: u64,
}

/// What values are looked up in, and the answers.
pub(super) struct Lookup<'a> {
    pub(super) screened: &'a ScreenIndex,
    /// The tokens of tags, in a round with custodians.
    pub(super) tags: Option<&'a Tags>,
    pub(super) hits: &'a mut Vec<u8>,
}

impl Lookup<'_> {
    pub(super) fn lines(
        &mut self,
        counts: &mut Counts,
        tokenizer: &Tokenizer,
        lines: &[u8],
    ) -> Result<(), Error> {
        let (values, numbers) = (rows(lines).map(|(_, value)| value), rows(lines).map(|(line, _)| line));
        for (line, token) in numbers.zip(tokenizer.tokens(values)) {
            counts.rows += 1;
            if let Some(found) = counts.look_up(self.screened, self.tags, token)? {
                self.hit(counts.place(line), found, &[], &[])?;
            }
        }
        Ok(())
    }

    pub(super) fn records(
        &mut self,
        counts: &mut Counts,
        records: &mut Records,
        tokenizer: &Tokenizer,
        lines: &[u8],
    ) -> Result<(), Error> {
        let all = records.read(lines);
        let mut tokens = tokenizer.tokens(all.iter().flatten().flat_map(|record| &record.values));
        for ((line, _), record) in rows(lines).zip(&all) {
            counts.rows += 1;
            for column in &records.columns {
                let token = match record {
                    Ok(_) => tokens.next().expect("one for each value"),
                    Err(reason) => Err(*reason),
                };
                let (Some(found), Ok(record)) = (counts.look_up(self.screened, self.tags, token)?, record)
                else {
                    continue;
                };
                let column = [column.as_bytes()];
                let column = if records.columns.len() > 1 { &column[..] } else { &[] };
                let subject = record.subject.as_ref().map(|subject| subject.as_slice());
                self.hit(counts.place(line), found, column, subject.as_slice())?;
            }
        }
        Ok(())
    }

    /// Writes one answer, with the columns of `resolve`.
    fn hit(&mut self, at: Place, found: u64, column: &[&[u8]], subject: &[&[u8]]) -> Result<(), Error> {
        let (row, line) = (at.row.to_string(), at.line.to_string());
        let kind = self.screened.terms().context.kind();
        let mut record = vec![row.as_bytes(), line.as_bytes(), kind.as_str().as_bytes()];
        record.extend(column);
        let (mut count, mut names) = (String::new(), None);
        if let Some(share) = self.screened.share() {
            let index = found as usize; // a place among tokens in memory
            count += &share.holder_count(index).to_string();
            names = share
                .holders(index)
                .map(|holders| holders.names().map(Name::as_str).collect::<Vec<_>>().join(" "));
            record.push(count.as_bytes());
        }
        record.extend(names.iter().map(String::as_bytes));
        record.extend(subject);
        let mut csv = csv::WriterBuilder::new().buffer_capacity(256).from_writer(&mut *self.hits);
        csv.write_record(record).map_err(io::Error::from)?;
        Ok(csv.flush()?)
    }
}

impl Counts {
    /// Counts what became of a value. Returns its place among what is screened against.
    fn look_up(
        &mut self,
        screened: &ScreenIndex,
        tags: Option<&Tags>,
        token: Result<Option<Token>, Reason>,
    ) -> Result<Option<u64>, Error> {
        self.counters.rows += 1;
        let token = match token {
            Err(reason) => {
                self.counters.rejected.count(reason);
                return Ok(None);
            }
            Ok(None) => {
                self.counters.suppressed += 1;
                return Ok(None);
            }
            Ok(Some(token)) => token,
        };
        self.counters.accepted += 1;
        let token = tags.map_or(Some(token), |tags| tags.token(&token));
        let found = token.map(|token| screened.find(&token)).transpose()?.flatten();
        self.hits += u64::from(found.is_some());
        Ok(found)
    }

    /// The place of the row that was counted last.
    fn place(&self, line: u64) -> Place {
        Place { input: 0, row: self.rows, line: self.lines + line }
    }
}

/// Returns the header of the answers; they have the columns of `resolve`.
pub(super) fn header(screened: &ScreenIndex, records: Option<&Records>) -> Vec<u8> {
    let names = screened.share().is_some_and(|share| share.members().is_some());
    let columns = records.is_some_and(|records| records.columns.len() > 1);
    let subject = records.is_some_and(|records| records.subject.is_some());
    let all = [
        ("row,line,kind", true),
        (",column", columns),
        (",holders", screened.share().is_some()),
        (",names", names),
        (",subject", subject),
    ];
    let text: String = all.into_iter().filter(|(_, is_there)| *is_there).map(|(text, _)| text).collect();
    (text + "\n").into_bytes()
}

/// Returns the number of lines that end here.
pub(super) fn lines_of(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
