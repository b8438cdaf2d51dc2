//! The round of a run: its manifest, who signs in it, and how its files are dated.

use std::path::Path;
use std::sync::Arc;

use veilmatch::round::identity::Identity;
use veilmatch::round::{Known, KnownKeys};
use veilmatch::terms::{PublicKeys, utc};
use veilmatch::{Error, Metadata, Round};

use crate::arguments::Agreed;
use crate::files::bounded;

use super::Session;

impl Session {
    /// Reads the manifest and says so if it is a trial; refuses a moment outside the round's dates.
    pub(crate) fn round(&mut self, agreed: &Agreed) -> Result<Round, Error> {
        let now = self.now;
        self.agreed(agreed, |round| round.require_open(now))
    }

    /// Reads the manifest as [`Session::round`] does, for work that goes on after the round.
    pub(crate) fn round_at_any_time(&mut self, agreed: &Agreed) -> Result<Round, Error> {
        self.agreed(agreed, |_| Ok(()))
    }

    fn agreed(
        &mut self,
        agreed: &Agreed,
        require: impl FnOnce(&Round) -> Result<(), Error>,
    ) -> Result<Round, Error> {
        let path = &agreed.round;
        let round = self.any_round(path)?;
        let open = match agreed.round_digest {
            Some(expected) if expected != round.digest() => {
                Err(Error::RoundDiffers { expected, found: round.digest() })
            }
            _ => require(&round),
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

    /// Returns who signs in this round: nobody in a trial. The key must be the one that the manifest lists.
    ///
    /// Whoever gives keys expects that they are used. A trial's manifest is then not the one that was agreed.
    pub(crate) fn signer(
        &self,
        listed: Option<&PublicKeys>,
        whose: &str,
    ) -> Result<Option<Arc<Identity>>, Error> {
        match (listed, &self.identity) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Error::Identity {
                problem: "the round is a trial, in which nothing is signed or sealed; without --identity it goes on",
            }),
            (Some(_), None) => {
                Err(Error::Identity { problem: "expected --identity: this round is signed and sealed" })
            }
            (Some(keys), Some(identity)) if identity.public_keys() == *keys => Ok(Some(Arc::clone(identity))),
            (Some(_), Some(_)) => {
                let problem = "these are not the ones that the round lists: is --identity the key file of this name, and \
                               --round the manifest that was agreed?";
                Err(Error::Identity { problem }.at(whose))
            }
        }
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
    pub(super) fn created(&self) -> Result<u64, Error> {
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

    pub(crate) fn public_keys(&mut self, path: &Path) -> Result<PublicKeys, Error> {
        self.read_as(path, bounded::PUBLIC_KEYS, |bytes| {
            std::str::from_utf8(bytes).unwrap_or_default().parse()
        })
    }
}
