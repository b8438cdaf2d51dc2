//! What all commands share: the clock, the run record, messages, the round and its keys.

use std::cell::Cell;
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
#[cfg(feature = "member")]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use veilmatch::container::{FileType, Signer};
use veilmatch::error::masked;
#[cfg(feature = "member")]
use veilmatch::member::identifier::SuppressionList;
use veilmatch::round::identity::Identity;
use veilmatch::round::log::{Entry, FileRecord, How, InputNonce, Operator};
use veilmatch::round::{Known, KnownKeys, log};
use veilmatch::terms::{ContentDigest, PublicKeys, utc};
use veilmatch::{Delta, Error, Metadata, Round};

use crate::arguments::{Agreed, Common, IdentityFrom};
use crate::files::bounded;
use crate::keys::guard;
use crate::keys::passphrases::Passphrases;
use crate::keys::vault;
use crate::output::{Pending, Written};
#[cfg(feature = "member")]
use crate::rows::raw_input::{RawFile, Watched};
use crate::terminal::printable::printable;
use crate::{Failure, output};

/// Takes standard input. It can be read only once: a second reader would find it empty.
pub(crate) fn take_stdin() -> std::io::Result<std::io::Stdin> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    if TAKEN.swap(true, Ordering::Relaxed) {
        let problem = "- is given twice, and standard input can be read but once";
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
    identity: Option<Rc<Identity>>,
    /// The nonce under which the run record states files with tokens that are not sealed.
    log_nonce: Option<InputNonce>,
    /// The raw files, and their places among the inputs of the run record.
    #[cfg(feature = "member")]
    raw_inputs: Vec<(usize, Watched)>,
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

    /// Reads the manifest and says so if it is a trial; refuses a moment outside the round's dates.
    pub(crate) fn round(&mut self, agreed: &Agreed) -> Result<Round, Error> {
        let path = &agreed.round;
        let round = self.any_round(path)?;
        let open = match agreed.round_digest {
            Some(expected) if expected != round.digest() => {
                Err(Error::RoundDiffers { expected, found: round.digest() })
            }
            _ => round.require_open(self.now),
        };
        let held = open.and_then(|()| self.hold(&round, agreed.known.as_deref()));
        held.map_err(|error| error.at(path.display().to_string()))?;
        Ok(round)
    }

    /// Compares a manifest with names and keys that were agreed earlier, and says who is not among them.
    pub(crate) fn hold(&mut self, round: &Round, known: Option<&Path>) -> Result<(), Error> {
        let Some(path) = known else { return Ok(()) };
        let known = self.read_own_as(path, bounded::KNOWN, Known::parse)?;
        let unknown: Vec<String> = known.require_round(round)?.iter().map(KnownKeys::who).collect();
        if !unknown.is_empty() {
            self.say(format_args!("not known yet: {}", unknown.join(", ")));
        }
        // A round may have fewer members, or whoever sent the manifest keeps them out of it.
        let absent: Vec<String> = known.absent_from(round).map(KnownKeys::who).collect();
        if !absent.is_empty() {
            self.warn(format_args!("known, and not in the round: {}", absent.join(", ")));
        }
        Ok(())
    }

    /// Reads a manifest, whatever the date, and says so if it is a trial.
    pub(crate) fn any_round(&mut self, path: &Path) -> Result<Round, Error> {
        let round = self.read_as(path, bounded::MANIFEST, Round::from_bytes)?;
        self.entry.round = Some(round.digest());
        if round.is_trial() {
            self.read_log_nonce()?; // for the output too, which is not sealed
            self.warn("this is a trial round: its files are neither signed nor sealed");
        }
        Ok(round)
    }

    /// Reads the keys that sign the run record from now on.
    pub(crate) fn identify(&mut self, from: Option<&IdentityFrom>) -> Result<(), Failure> {
        let Some(from) = from else { return Ok(()) };
        self.identity = vault::identity(&self.passphrases, from)?.map(Rc::new);
        self.identity.iter().for_each(|identity| guard::hold(&**identity));
        Ok(())
    }

    pub(crate) fn identity(&self) -> Option<Rc<Identity>> {
        self.identity.clone()
    }

    /// Returns who signs in this round: nobody in a trial. The key must be the one that the manifest lists.
    ///
    /// Whoever gives keys expects that they are used. A trial's manifest is then not the one that was agreed.
    pub(crate) fn signer(
        &self,
        listed: Option<&PublicKeys>,
        whose: &str,
    ) -> Result<Option<Rc<Identity>>, Error> {
        match (listed, &self.identity) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Error::Identity {
                problem: "the round is a trial, in which nothing is signed or sealed; without --identity it goes on",
            }),
            (Some(_), None) => {
                Err(Error::Identity { problem: "expected --identity: this round is signed and sealed" })
            }
            (Some(keys), Some(identity)) if identity.public_keys() == *keys => Ok(Some(Rc::clone(identity))),
            (Some(_), Some(_)) => {
                Err(Error::Identity { problem: "these are not the ones that the round lists" }.at(whose))
            }
        }
    }

    /// Returns the head of the run record before this command, if there is one.
    pub(crate) fn head(&self) -> Option<ContentDigest> {
        self.head
    }

    /// Returns the metadata of a file of this round.
    pub(crate) fn metadata(&self, round: &Round) -> Result<Metadata, Error> {
        let manifest = round.manifest();
        Ok(Metadata {
            created: self.created()?,
            not_before: manifest.not_before,
            not_after: manifest.not_after,
            purpose: manifest.purpose.clone(),
            log: self.head,
        })
    }

    /// Returns the date of the files that this command makes: now, unless `SOURCE_DATE_EPOCH` has another date, in the
    /// past. That is the usual variable for builds that can be repeated. Says so once.
    fn created(&self) -> Result<u64, Error> {
        let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(self.now) };
        let fixed: Option<u64> = text.to_str().and_then(|text| text.parse().ok());
        let Some(fixed) = fixed.filter(|fixed| *fixed <= self.now) else {
            let problem = "expected seconds since 1970 up to now; without the variable files are dated now";
            let invalid = std::io::Error::new(std::io::ErrorKind::InvalidInput, problem);
            return Err(Error::from(invalid).at("SOURCE_DATE_EPOCH"));
        };
        if !self.dated.replace(true) {
            let date = utc::format(fixed).unwrap_or_default();
            self.say(format_args!("files are dated {date}, as SOURCE_DATE_EPOCH says, and not now"));
        }
        Ok(fixed)
    }

    /// Reads a whole file of the round, of at most `longest` bytes, and states it in the run record.
    ///
    /// Only a valid file is stated there: if a raw file is given by mistake, its digest could be guessed.
    pub(crate) fn read_as<T>(
        &mut self,
        path: &Path,
        longest: u64,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.read_by(bounded::read, path, longest, parse)
    }

    /// Reads a file that the command trusts: it must belong to the user, and must not be a link.
    pub(crate) fn read_own_as<T>(
        &mut self,
        path: &Path,
        longest: u64,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.read_by(bounded::read_own, path, longest, parse)
    }

    fn read_by<T>(
        &mut self,
        read: fn(&Path, u64) -> Result<Vec<u8>, Error>,
        path: &Path,
        longest: u64,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let read = || {
            let bytes = read(path, longest)?;
            Ok((parse(&bytes)?, bytes))
        };
        let (parsed, bytes) = read().map_err(|error: Error| error.at(path.display().to_string()))?;
        if self.record.is_some() {
            let digest = output::digest_of(&bytes);
            match FileType::from_beginning(&bytes) {
                Some(_) => self.state_open_digest(path, digest)?,
                None => self.state_digest(path, digest),
            }
        }
        Ok(parsed)
    }

    /// States a file of the round that is not sealed and stays on disk. `write` gives out its very bytes.
    pub(crate) fn state_input(
        &mut self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.record.is_some() {
            let digest = output::digest_of_written(write)?;
            self.state_open_digest(path, digest)?;
        }
        Ok(())
    }

    /// Whether the run gets a line in a run record.
    pub(crate) fn keeps_record(&self) -> bool {
        self.record.is_some()
    }

    /// States a file with tokens that are not sealed, by the digest of the bytes that were read.
    pub(crate) fn state_open_digest(&mut self, path: &Path, digest: ContentDigest) -> Result<(), Error> {
        if self.record.is_some() {
            self.read_log_nonce()?;
            let record = self.record_of_open(path, digest);
            self.entry.inputs.push(record);
        }
        Ok(())
    }

    /// Reads the nonce beside the run record, or makes it.
    fn read_log_nonce(&mut self) -> Result<(), Error> {
        if let (Some(record), None) = (&self.record, &self.log_nonce) {
            self.log_nonce = Some(InputNonce::beside(record)?);
        }
        Ok(())
    }

    /// Records a file with open tokens under a nonce. A plain digest would show whoever has the secret and the record
    /// which of some guesses the tokens are.
    fn record_of_open(&self, path: &Path, digest: ContentDigest) -> FileRecord {
        let nonce = self.log_nonce.as_ref();
        let nonce = nonce.expect("read with the manifest of a trial, or before an input is stated");
        let digest = log::raw_input_digest(nonce, &digest.0[..]).expect("memory can be read");
        FileRecord::new(path, digest, How::LogNonceSha256)
    }

    /// States a file of the round without open tokens, by the digest of the bytes that were read.
    pub(crate) fn state_digest(&mut self, path: &Path, digest: ContentDigest) {
        if self.record.is_some() {
            self.entry.inputs.push(FileRecord::new(path, digest, How::Sha256));
        }
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

    pub(crate) fn public_keys(&mut self, path: &Path) -> Result<PublicKeys, Error> {
        self.read_as(path, bounded::PUBLIC_KEYS, |bytes| {
            std::str::from_utf8(bytes).unwrap_or_default().parse()
        })
    }

    /// Reads a suppression list; without a path, takes the one that ships with the program.
    #[cfg(feature = "member")]
    pub(crate) fn suppression(&mut self, path: Option<&Path>) -> Result<Arc<SuppressionList>, Error> {
        let Some(path) = path else { return Ok(SuppressionList::standard()) };
        self.read_as(path, bounded::SUPPRESSION, |bytes| {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
                Error::SuppressionList { line, expected: "UTF-8 text" }
            })?;
            Ok(Arc::new(SuppressionList::parse(text)?))
        })
    }

    /// Opens a file of raw rows. The run record states what is read of it, under a nonce that stays beside the file.
    #[cfg(feature = "member")]
    pub(crate) fn open_raw(&mut self, path: &Path) -> Result<RawFile, Error> {
        let named = |error: std::io::Error| Error::from(error).at(path.display().to_string());
        let file = std::fs::File::open(path).map_err(named)?;
        let nonce = self.record.as_ref().map(|_| log::InputNonce::beside(path)).transpose()?;
        let (file, watched) = RawFile::new(path, file, nonce).map_err(named)?;
        self.raw_inputs.push((self.entry.inputs.len(), watched));
        Ok(file)
    }

    /// States the raw files that were read.
    #[cfg(feature = "member")]
    fn state_raw_inputs(&mut self) {
        for (place, raw) in std::mem::take(&mut self.raw_inputs).into_iter().rev() {
            if let Some(digest) = raw.digest() {
                let record = FileRecord::new(&raw.path, digest, How::NonceSha256);
                self.entry.inputs.insert(place, record);
            }
        }
    }

    /// Gives output its name once the command is done and the run record has its line.
    pub(crate) fn publish(&mut self, pending: Pending) {
        let record = |file: &Written| match self.record.is_some() && file.has_open_tokens {
            true => self.record_of_open(&file.path, file.digest),
            false => FileRecord::new(&file.path, file.digest, How::Sha256),
        };
        let records: Vec<FileRecord> = pending.written.iter().map(record).collect();
        self.entry.outputs.extend(records);
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
