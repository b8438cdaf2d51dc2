//! What all commands share: the clock, the run record, messages, the round and its keys.

mod inputs;
mod round;

use std::cell::Cell;
use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use veilmatch::container::Signer;
use veilmatch::error::masked;
use veilmatch::round::identity::Identity;
use veilmatch::round::log;
use veilmatch::round::log::{Entry, FileRecord, How, InputNonce, Operator};
use veilmatch::terms::ContentDigest;
use veilmatch::{Delta, Error};

use crate::Failure;
use crate::arguments::{Common, IdentityFrom};
use crate::files::envelope::Opener;
use crate::keys::guard;
use crate::keys::passphrases::Passphrases;
use crate::keys::vault;
use crate::output::{Pending, Written};
#[cfg(feature = "member")]
use crate::rows::raw_input::Watched;
use crate::terminal::printable::printable;

/// Takes standard input. It can be read only once: a second reader would find it empty.
pub(crate) fn take_stdin() -> std::io::Result<std::io::Stdin> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    if TAKEN.swap(true, Ordering::Relaxed) {
        let problem = "- is given twice, and standard input can be read but once: expected a file in one of the two places";
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, problem));
    }
    Ok(std::io::stdin())
}

/// Writes one line to standard error.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "veilmatch: {}", printable(&line.to_string()));
}

pub(crate) fn warn(line: impl Display) {
    say(format_args!("warning: {line}"));
}

/// Returns the seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// One run of one command.
pub(crate) struct Session {
    /// Seconds since 1970.
    pub(crate) now: u64,
    pub(crate) force: bool,
    pub(crate) passphrases: Passphrases,
    /// The line that the run record will get.
    pub(crate) entry: Entry,
    record: Option<PathBuf>,
    /// Head of the run record up to which somebody has looked at other people's lines.
    looked_at: Option<ContentDigest>,
    head: Option<ContentDigest>,
    identity: Option<Arc<Identity>>,
    /// The nonce under which the run record states files with tokens that are not sealed.
    log_nonce: Option<InputNonce>,
    /// The raw files, and their places among the inputs of the run record.
    #[cfg(feature = "member")]
    raw_inputs: Vec<(usize, Watched)>,
    /// The configuration that gave options.
    #[cfg(feature = "member")]
    pub(crate) config: Option<PathBuf>,
    /// Outputs that are complete and wait for their names.
    pending: Vec<Pending>,
    /// Results that wait for the line of the run record.
    results: Vec<String>,
    last: Option<Last>,
    /// Whether it was said that files have another date than now.
    dated: Cell<bool>,
}

/// What a command does last, once the run record has its line: it prints, or makes a secret.
struct Last {
    action: Action,
    /// Whether it is done too if the command refuses.
    even_if_refused: bool,
}

type Action = Box<dyn FnOnce(&Session) -> Result<(), Failure>>;

/// The outcome of a command that answers as it goes. It stands in the line that the command leaves before its first
/// answer.
const BEGUN: &str = "begun";

impl Session {
    /// Starts a run of the command with the name `command`.
    pub(crate) fn start(common: &Common, command: &str, record: Option<PathBuf>) -> Result<Self, Error> {
        let now = now();
        let mut entry = Entry::new(now, command, env!("CARGO_PKG_VERSION"));
        entry.operator = common.operator.as_deref().map(|name| Operator::new(&masked(name))).transpose()?;
        Ok(Self {
            now,
            force: common.force,
            passphrases: Passphrases::from(common.passphrase_fd),
            entry,
            record,
            looked_at: common.log_after,
            head: None,
            identity: None,
            log_nonce: None,
            #[cfg(feature = "member")]
            raw_inputs: Vec::new(),
            #[cfg(feature = "member")]
            config: None,
            pending: Vec::new(),
            results: Vec::new(),
            last: None,
            dated: Cell::new(false),
        })
    }

    /// Asks whether the run record will take the line. If it cannot, this shows now, and not after hours of work.
    pub(crate) fn prepare(&mut self) -> Result<(), Failure> {
        let signer = self.identity.as_deref().map(Identity::signer);
        let prepared = self.record.as_deref().map(|record| log::prepare(record, signer, self.looked_at));
        self.head = prepared.transpose().map_err(unvouched)?;
        Ok(())
    }

    /// Reads the keys that sign the run record from now on.
    pub(crate) fn identify(&mut self, from: Option<&IdentityFrom>) -> Result<(), Failure> {
        let Some(from) = from else { return Ok(()) };
        self.identity = vault::identity(&self.passphrases, from)?.map(Arc::new);
        self.identity.iter().for_each(|identity| guard::hold(&**identity));
        Ok(())
    }

    pub(crate) fn identity(&self) -> Option<Arc<Identity>> {
        self.identity.clone()
    }

    /// Returns what opening files takes of the session.
    pub(crate) fn opener(&self) -> Opener {
        Opener { identity: self.identity.clone(), digested: self.keeps_record() }
    }

    /// Whether a run record states what is read and written.
    pub(crate) fn keeps_record(&self) -> bool {
        self.record.is_some()
    }

    /// Returns the head of the run record before this command, if there is one.
    pub(crate) fn head(&self) -> Option<ContentDigest> {
        self.head
    }

    /// Says what a delta changes, on standard error and in the run record.
    pub(crate) fn tell_delta(&mut self, delta: &Delta) {
        let kind = delta.terms().context.kind();
        let [added, retracted] = [delta.added(), delta.retracted()].map(|list| list.len() as u64);
        let number = delta.parent().sequence;
        self.result(format_args!("{kind}: {added} added, {retracted} retracted, sequence number {number}"));
        self.count(format_args!("{kind}/added"), added);
        self.count(format_args!("{kind}/retracted"), retracted);
    }

    /// Gives output its name once the command is done and the run record has its line.
    pub(crate) fn publish(&mut self, pending: Pending) {
        if self.keeps_record() {
            let record = |file: &Written| {
                let digest = file.digest.expect("files are digested if a run record is kept");
                match file.has_open_tokens {
                    true => self.record_of_open(&file.path, digest),
                    false => FileRecord::new(&file.path, digest, How::Sha256),
                }
            };
            let records: Vec<FileRecord> = pending.written.iter().map(record).collect();
            self.entry.outputs.extend(records);
        }
        self.pending.push(pending);
    }

    /// Registers a step that must not happen without a line in the run record.
    pub(crate) fn at_last(&mut self, last: impl FnOnce(&Session) -> Result<(), Failure> + 'static) {
        self.last = Some(Last { action: Box::new(last), even_if_refused: false });
    }

    /// Prints what led to success or to a refusal, after the run record has its line.
    pub(crate) fn verdict(&mut self, print: impl FnOnce(&Session) -> Result<(), Failure> + 'static) {
        self.last = Some(Last { action: Box::new(print), even_if_refused: true });
    }

    /// Registers one line of the result for standard error. It comes no sooner than the line of the run record.
    pub(crate) fn result(&mut self, line: impl Display) {
        if self.record.is_some() {
            self.results.push(line.to_string());
        } else {
            say(line);
        }
    }

    /// Leaves a line of the run record before the first answer, for a command that answers as it goes.
    pub(crate) fn begin(&mut self) -> Result<(), Failure> {
        self.entry.outcome = BEGUN.to_owned();
        self.record()
    }

    pub(crate) fn count(&mut self, what: impl Display, number: u64) {
        *self.entry.counts.entry(what.to_string()).or_default() += number;
    }

    pub(crate) fn say(&self, line: impl Display) {
        say(line);
    }

    pub(crate) fn warn(&self, line: impl Display) {
        warn(line);
    }

    /// Writes the line of the run record, then does what comes last. Output of a failed command goes away.
    pub(crate) fn finish(mut self, outcome: &str) -> Result<(), Failure> {
        #[cfg(feature = "member")]
        {
            let unchanged = match outcome {
                "done" => self.raw_inputs.iter().try_for_each(|(_, raw)| raw.require_unchanged()),
                _ => Ok(()),
            };
            self.state_raw_inputs();
            if let Err(failure) = unchanged {
                return self.finish(failure.code()).and(Err(failure));
            }
        }
        self.entry.outcome = outcome.to_owned();
        if outcome != "done" {
            self.entry.outputs.clear(); // they never get their names
        }
        self.record()?;
        let done_well = outcome == "done";
        let last = self.last.take().filter(|last| done_well || last.even_if_refused);
        let pending = std::mem::take(&mut self.pending);
        let last = || last.map_or(Ok(()), |last| (last.action)(&self));
        let done = if done_well { Pending::publish(pending, last) } else { last() };
        if let Err(failure) = &done {
            self.entry.outcome = failure.code().to_owned();
            self.entry.outputs.clear();
            self.record()?;
        }
        done
    }

    /// Appends the line, and prints the results that waited for it.
    fn record(&mut self) -> Result<(), Failure> {
        let Some(record) = &self.record else { return Ok(()) };
        let signer = self.identity.as_deref().map(|identity| identity as &dyn Signer);
        let appended = match (signer, self.looked_at) {
            (Some(signer), Some(looked_at)) => log::append_after(record, &self.entry, signer, looked_at),
            (signer, _) => log::append(record, &self.entry, signer),
        };
        let appended = appended.map_err(unvouched)?;
        std::mem::take(&mut self.results).iter().for_each(say);
        if appended.discarded > 0 {
            self.warn("the run record ended in an incomplete line, which was taken away");
        }
        self.say(format_args!("line {} of the run record, head {}", appended.line, appended.head));
        Ok(())
    }
}

/// Says how to go on after lines that this command's key did not sign.
fn unvouched(error: Error) -> Failure {
    if error.code() != "log_unvouched" {
        return error.into();
    }
    let message = format!(
        "{error}; look at them with verify --log, and give the head that it shows to --log-after: the next line then says that \
         it does not vouch for them"
    );
    Failure::Refused { code: error.code(), message }
}
