//! A member in a round whose tokens need custodians: the cache, and the way from tags to tokens.

use std::fs::{File, remove_file};
use std::io::{self, BufReader, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use veilmatch::container::open_own;
use veilmatch::custody::{PublicCustody, RequestFile};
use veilmatch::member::CoalitionSecret;
use veilmatch::member::oprf::{Cache, CacheOf, Pending, Translated, Translator};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::oprf;
use veilmatch::round::Member;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::{KindId, Name, Terms};
use veilmatch::{Error, Handshake, Round, SetBuilder, SetFile, TokenSet};

use crate::Failure;
use crate::arguments::CustodyFrom;
use crate::commands::file_name;
use crate::keys::guard;
use crate::output::part::Part;
use crate::output::unnamed_file;
use crate::session::Session;

/// A file of the cache, as it is read.
pub(super) type Opened = seal::Opened<BufReader<File>>;

/// Whose cache it is, and where.
pub(crate) struct Custodied {
    pub(super) custody: PublicCustody,
    pub(super) identity: Arc<Identity>,
    member: Member,
    folder: PathBuf,
    /// What makes tokens of the tags of each kind; none where no secret is needed.
    translators: Vec<(KindId, Translator)>,
}

impl Custodied {
    /// Takes the options of a command that needs the secret, if the round has custodians.
    pub(super) fn of(
        session: &mut Session,
        round: &Round,
        member: &Member,
        from: &CustodyFrom,
    ) -> Result<Option<Self>, Failure> {
        match (&from.custody, &from.cache, round.manifest().custody) {
            (Some(custody), Some(cache), _) => Self::new(session, round, member, custody, cache).map(Some),
            (_, _, None) => Ok(None),
            (_, _, Some(_)) => Err(Failure::Usage(
                "expected --custody and --cache: tokens of this round need what custodians have evaluated",
            )),
        }
    }

    pub(super) fn new(
        session: &mut Session,
        round: &Round,
        member: &Member,
        custody: &Path,
        cache: &Path,
    ) -> Result<Self, Failure> {
        let identity = session.signer(member.keys.as_ref(), member.name.as_str())?;
        let identity = identity.ok_or(Failure::Usage(
            "a trial has no keys, so custodians could charge nobody: expected a round with keys",
        ))?;
        let read = session.read_as(custody, PublicCustody::MAX_LEN as u64, |bytes| {
            let read = PublicCustody::read(bytes)?;
            read.require_round(round.manifest())?;
            Ok(read)
        })?;
        let (member, folder) = (member.clone(), cache.to_owned());
        Ok(Self { custody: read, identity, member, folder, translators: Vec::new() })
    }

    /// Derives what makes tokens of the tags of a kind.
    pub(super) fn translate(&mut self, secret: &CoalitionSecret, tags: &Tokenizer) -> Result<(), Error> {
        let kind = tags.terms().context.kind();
        let translator = Translator::new(secret, tags, self.key(kind)?.key());
        guard::hold_range(&translator.memory_range());
        self.translators.push((kind.clone(), translator));
        Ok(())
    }

    pub(super) fn translator(&self, kind: &KindId) -> Result<&Translator, Error> {
        let found = self.translators.iter().find(|(of, _)| of == kind);
        Ok(&found.ok_or_else(|| Error::KindNotInRound { kind: kind.clone() })?.1)
    }

    /// Returns the member's name.
    pub(super) fn name(&self) -> &Name {
        &self.member.name
    }

    /// Returns the custodians' key of a kind.
    pub(super) fn key(&self, kind: &KindId) -> Result<&oprf::Custody, Error> {
        let found = self.custody.kind(kind);
        Ok(found.ok_or_else(|| Error::KindNotInRound { kind: kind.clone() })?.0)
    }

    pub(super) fn of_tags(&self, tags: &Tokenizer) -> Result<CacheOf, Error> {
        let key = self.key(tags.terms().context.kind())?.key();
        let (name, signer) = (self.member.name.clone(), self.identity.signer());
        Ok(CacheOf::new(tags, name, signer, self.custody.digest(), key))
    }

    /// Returns the file of a kind in the cache with an ending: `vmc` has what was evaluated, `vmw` what is pending, `vmb` the
    /// request that is.
    pub(super) fn file(&self, kind: &KindId, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", file_name(kind)))
    }

    /// Opens what is in the cache; nothing if nothing was evaluated yet.
    pub(super) fn opened(&self, tags: &Tokenizer) -> Result<Option<Cache<Opened>>, Error> {
        let path = self.file(tags.terms().context.kind(), "vmc");
        match path.try_exists().map_err(|error| named(&path, error.into()))? {
            false => Ok(None),
            true => {
                let opened = || Cache::open(self.unseal(&path)?, &self.of_tags(tags)?);
                opened().map(Some).map_err(|error| named(&path, error))
            }
        }
    }

    /// Opens what is in the cache, which must be there.
    pub(super) fn cache(&self, tags: &Tokenizer) -> Result<Cache<Opened>, Error> {
        self.opened(tags)?.ok_or_else(|| {
            let expected = "what custodians have evaluated of this kind (blind, then unblind)";
            named(&self.file(tags.terms().context.kind(), "vmc"), Error::Cache { expected })
        })
    }

    /// Opens what is pending.
    pub(super) fn pending(&self, tags: &Tokenizer) -> Result<Pending<Opened>, Error> {
        let path = self.file(tags.terms().context.kind(), "vmw");
        let opened = || Pending::open(self.unseal(&path)?, &self.of_tags(tags)?);
        opened().map_err(|error| named(&path, error))
    }

    /// Opens the request whose answers are awaited, in a file without a name.
    pub(super) fn request(&self, kind: &KindId, scratch: &Path) -> Result<(File, RequestFile), Error> {
        let path = self.file(kind, "vmb");
        let mut file = unnamed_file(scratch)?;
        let copied = self.unseal(&path).and_then(|mut from| Ok(io::copy(&mut from, &mut file)?));
        copied.map_err(|error| named(&path, error))?;
        let request = RequestFile::from_file(file.try_clone()?, path.display().to_string())?;
        Ok((file, request))
    }

    /// Refuses a pending request of another round or time: this round's custodians do not answer it. Says the way out.
    pub(super) fn require_asked_in(
        &self,
        round: &Round,
        request: &RequestFile,
        now: u64,
    ) -> Result<(), Failure> {
        let kind = request.terms().context.kind();
        let [path, pending] = ["vmb", "vmw"].map(|ending| self.file(kind, ending));
        let (found, current) = (request.terms(), request.metadata().require_current(now));
        let terms = round.custody_terms(kind, &self.custody)?;
        let require =
            |terms: &Terms| terms.require(found, request.member()).map_err(|error| named(&path, error));
        if found.round == terms.round && current.is_ok() {
            return Ok(require(&terms)?);
        }
        // A file of another epoch or custody is none of another round, which may have other rules and another list.
        require(&Terms { context: terms.context, key_id: terms.key_id, ..found.clone() })?;
        let why = match (current, found.round) {
            (Err(error), _) => error.to_string(),
            (Ok(()), None) => "made in no round".to_owned(),
            (Ok(()), Some(of)) => {
                format!("made in another round, {of}: run unblind with its manifest if you have the answers")
            }
        };
        let (path, pending, number) = (path.display(), pending.display(), request.len());
        let message = format!(
            "{path}: answers for {number} identifiers are awaited, and their request is of another round or time: {why}. If no \
             answers will come, remove {pending} and run blind again: custodians charge once more what they have evaluated. If an answer was \
             wrong, copy {path} first"
        );
        Err(Failure::Refused { code: "awaited", message })
    }

    /// Keeps other commands from what is pending of a kind, as long as the parts are held.
    pub(super) fn hold_pending(&self, kind: &KindId) -> Result<[Part; 2], Error> {
        let hold = |ending| {
            let path = self.file(kind, ending);
            Part::beside(&path).map_err(|error| named(&path, error.into()))
        };
        Ok([hold("vmw")?, hold("vmb")?])
    }

    /// Removes what was pending and is held, once the cache has it. A failure here takes no cache back, since the blinds of another
    /// kind may be gone already.
    pub(super) fn erase_pending(&self, session: &Session, kind: &KindId) {
        for path in ["vmw", "vmb"].map(|ending| self.file(kind, ending)) {
            if let Err(error) = remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                let error = named(&path, error.into());
                session.warn(format_args!(
                    "{error}: it is not needed any more and is as sensitive as the rows: remove it"
                ));
            }
        }
    }

    /// Opens a file that the member has sealed to itself.
    pub(super) fn unseal(&self, path: &Path) -> Result<Opened, Error> {
        seal::open(&self.identity, BufReader::with_capacity(1 << 18, open_own(path)?))
    }

    /// Makes the handshake of a kind.
    pub(super) fn handshake(&self, tags: &Tokenizer, member: Name) -> Result<Handshake, Error> {
        let kind = tags.terms().context.kind();
        let made = self.translator(kind)?.handshake(tags, member, self.cache(tags)?);
        made.map_err(|error| named(&self.file(kind, "vmc"), error))
    }

    /// Makes the set for the hub of a set of tags.
    pub(super) fn set(&self, tags: &Tokenizer, set: &TokenSet) -> Result<Translated, Error> {
        let kind = tags.terms().context.kind();
        let made = self.translator(kind)?.set(set, self.cache(tags)?);
        made.map_err(|error| named(&self.file(kind, "vmc"), error))
    }

    /// Makes the set for the hub of a file of tags, within the budget of a builder.
    pub(super) fn set_into(
        &self,
        tags: &Tokenizer,
        file: &SetFile,
        builder: &SetBuilder<'_>,
    ) -> Result<u64, Error> {
        let kind = tags.terms().context.kind();
        self.translator(kind)?.set_into(builder, file, self.cache(tags)?)
    }
}

/// Writes the whole of a file that is open.
pub(super) fn copy(mut from: &File, out: &mut dyn Write) -> Result<(), Error> {
    from.rewind()?;
    io::copy(&mut from, out)?;
    Ok(())
}

/// Names a file in an error that has no name.
pub(super) fn named(path: &Path, error: Error) -> Error {
    match error {
        named @ Error::At { .. } => named,
        unnamed => unnamed.at(path.display().to_string()),
    }
}

/// Refuses identifiers that were not evaluated, unless that is allowed. Then it says how many are left out.
pub(super) fn require_evaluated(
    session: &mut Session,
    kind: &KindId,
    identifiers: u64,
    allowed: bool,
) -> Result<(), Failure> {
    if identifiers == 0 {
        return Ok(());
    }
    if !allowed {
        return Err(Error::NotEvaluated { identifiers }.at(kind.as_str()).into());
    }
    session.warn(format_args!(
        "{kind}: {identifiers} identifiers are left out: no custodians have evaluated them"
    ));
    session.count(format_args!("{kind}/not_evaluated"), identifiers);
    Ok(())
}
