//! What a member tells the hub for trails, and how it finds its own rows in the answer. Needs the feature `member`.
//!
//! A link says that a subject, a customer or an account, has an identifier. Both stand under other names than in the sets:
//! the identifier as a link token of this round, the subject as a pseudonym that its member alone can resolve
//! (`Pseudonyms`, with the feature `seal`).
//!
//! ```text
//! link token    = HMAC-SHA-256(link key of the kind, token)[0..16]
//! pseudonym key = HKDF-Expand(HKDF-Extract("veilmatch/1", the identity's signing seed),
//!                             lp("veilmatch/1 pseudonym") || round digest, 32)
//! pseudonym     = HMAC-SHA-256(pseudonym key, message)[0..16]
//! message       = 0x01 || bytes of the subject's cell, or, where there are none, 0x00 || u64(file) || u64(row)
//! ```
//!
//! [`key`](super::key) tells how link keys come from the secret. A link token is made of the token and not of the canonical
//! form, so it is as safe as the token.

mod own_rows;
#[cfg(feature = "seal")]
mod pseudonyms;

use std::fmt;
use std::ops::Range;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::error::Error;
use crate::matching::Share;
use crate::outcome::Place;
use crate::round::{KindRules, Round};
use crate::terms::{KeyContext, KeyId, KindId, Name, Pseudonym};
use crate::token::Token;
use crate::trail::NewLinks;

use super::key::CoalitionSecret;
use super::resolve::Resolved;

pub use own_rows::OwnRows;
#[cfg(feature = "seal")]
pub use pseudonyms::Pseudonyms;

/// The keys that make the link tokens of a round; wiped when dropped, never shown.
///
/// ```
/// # use veilmatch::member::{CoalitionSecret, Kind};
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Manifest, Round, Token};
/// # let members = vec![Name::new("bank-a")?, Name::new("bank-b")?];
/// # let kinds = vec![(&Terms::example()).into()];
/// # let round = Round::new(Manifest::trial(Name::new("example")?, 1, kinds, members)?)?;
/// let keys = round.link_keys(&CoalitionSecret::generate()?)?;
/// let token = Token::from_bytes([7; 16]);
/// assert_ne!(keys.link_token(&Kind::CardPan.kind_id(), &token)?, token);
/// assert!(keys.link_token(&Kind::BankIban.kind_id(), &token).is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct LinkKeys {
    id: KeyId,
    /// In the order of the manifest.
    keys: Box<[(KindId, Hmac<Sha256>)]>,
}

impl Round {
    /// Derives the link keys of all kinds of this round.
    ///
    /// # Errors
    ///
    /// None for a manifest that was read: [`Error::Epoch`] for an epoch that no file can hold.
    pub fn link_keys(&self, secret: &CoalitionSecret) -> Result<LinkKeys, Error> {
        let (manifest, digest) = (self.manifest(), self.digest());
        // Room for all of them: a vector that grows would leave copies of keys behind.
        let mut keys = Vec::with_capacity(manifest.kinds.len());
        for KindRules { kind, .. } in &manifest.kinds {
            let context = KeyContext::new(manifest.coalition.clone(), manifest.epoch, kind.clone())?;
            keys.push((kind.clone(), keyed(&*secret.link_key(&context, &digest))));
        }
        let id = secret.link_key_id(&manifest.coalition, manifest.epoch, &digest);
        Ok(LinkKeys { id, keys: keys.into_boxed_slice() })
    }
}

impl LinkKeys {
    /// Returns the id of the keys. It identifies them without revealing them.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Returns where the keys are, for a program that keeps their page out of swap. They stay there until they are dropped.
    pub fn memory_range(&self) -> Range<*const u8> {
        let Range { start, end } = self.keys.as_ptr_range();
        start.cast()..end.cast()
    }

    /// Returns the link token of a token.
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`].
    pub fn link_token(&self, kind: &KindId, token: &Token) -> Result<Token, Error> {
        Ok(link_token(self.of_kind(kind)?, token))
    }

    fn of_kind(&self, kind: &KindId) -> Result<&Hmac<Sha256>, Error> {
        let found = self.keys.iter().find(|(of, _)| of == kind);
        Ok(&found.ok_or_else(|| Error::KindNotInRound { kind: kind.clone() })?.1)
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn link_token(key: &Hmac<Sha256>, token: &Token) -> Token {
    Token::from_bytes(truncated(key, &[token.as_bytes()]))
}

/// HMAC of a message in parts, cut to 16 bytes.
fn truncated(key: &Hmac<Sha256>, message: &[&[u8]]) -> [u8; 16] {
    let mut mac = key.clone();
    message.iter().for_each(|part| mac.update(part));
    let mut cut = [0; 16];
    cut.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    cut
}

/// Why a subject is a seed. It is read to find words that are mistyped, and goes no further.
const REASONS: [&str; 3] = ["offender", "victim", "unknown"];

/// Whether a cell marks its row as a confirmed case: `offender`, `victim` or `unknown` does, in any case and with spaces
/// around it, and an empty cell does not. Nothing for any other word.
///
/// ```
/// use veilmatch::member::linking::marks_seed;
///
/// assert_eq!([b" Victim".as_slice(), b"", b"offendr"].map(marks_seed), [Some(true), Some(false), None]);
/// ```
pub fn marks_seed(cell: &[u8]) -> Option<bool> {
    match cell.trim_ascii() {
        [] => Some(false),
        word => REASONS.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes())).then_some(true),
    }
}

/// Makes a member's links of what its shares say about its rows.
///
/// `matched` has a share and its resolved rows for each kind, leaves too. `subject` tells whose a row is. It is asked once
/// or more for each row found; equal rows of several kinds need equal answers. `is_seed` tells which subjects are confirmed
/// cases. Subjects without a link are not sent, be they seeds or not: nothing leads to or from them.
///
/// Memory: 20 bytes a subject and a link.
///
/// ```
/// # use veilmatch::member::{CoalitionSecret, Kind, Rows};
/// # use veilmatch::round::TrailRules;
/// # use veilmatch::terms::{KeyContext, Name, Pseudonym};
/// # use veilmatch::{Disclosure, Intersection, Manifest, Round};
/// # let (secret, kind) = (CoalitionSecret::generate()?, Kind::BankIban.kind_id());
/// # let (a, b) = (Name::new("bank-a")?, Name::new("bank-b")?);
/// # let context = KeyContext::new(Name::new("efc")?, 1, kind.clone())?;
/// # let any = veilmatch::member::Tokenizer::new(&secret, context)?;
/// # let members = vec![a.clone(), b.clone()];
/// # let mut manifest = Manifest::trial(Name::new("efc")?, 1, vec![any.terms().into()], members)?;
/// # manifest.trail = Some(TrailRules::for_kinds([&kind]));
/// # let round = Round::new(manifest)?;
/// # let tokenizer = round.tokenizer(&secret, &kind, &a)?;
/// # let rows = || Rows::values(["DE89370400440532013000", "GB29NWBK60161331926819"]);
/// # let set_a = tokenizer.tokenize(&a, rows())?.set;
/// # let set_b = tokenizer.tokenize(&b, Rows::values(["DE89370400440532013000"]))?.set;
/// # let overlaps = Intersection::new().add(&set_a)?.add(&set_b)?.at_least(2)?.collect()?;
/// # let share = overlaps.share(&a, Disclosure::Holders)?.with_own_set(&set_a)?;
/// use veilmatch::member::linking;
/// use veilmatch::member::resolve::resolve;
///
/// let resolved = resolve(&tokenizer, &a, &share, rows())?;
/// let anna = Pseudonym([1; 16]); // of both rows
/// let keys = round.link_keys(&secret)?;
/// let links = linking::links(&round, &a, &keys, &[(&share, &resolved)], |_| anna, |subject| *subject == anna)?;
/// assert_eq!((links.subjects(), links.seeds(), links.kinds().next().unwrap().links), (1, 1, 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Round::accept`] for a share; [`Error::Trail`] where the manifest allows no trails, for more seeds than it
/// allows, two shares of a kind, and 2³² subjects.
pub fn links(
    round: &Round,
    member: &Name,
    keys: &LinkKeys,
    matched: &[(&Share, &Resolved)],
    subject: impl Fn(Place) -> Pseudonym,
    is_seed: impl Fn(&Pseudonym) -> bool,
) -> Result<NewLinks, Error> {
    let terms = round.trail_terms(keys.id())?;
    let member = round.member(member)?.name.clone();
    matched.iter().try_for_each(|(share, _)| round.accept(share, &member))?;
    let rows = matched.iter().flat_map(|(_, resolved)| &resolved.rows);
    let mut subjects: Vec<Pseudonym> = rows.map(|found| subject(found.place)).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let subjects = subjects.into_iter().map(|one| (one, is_seed(&one))).collect();
    let mut links = NewLinks::new(terms, member.clone(), subjects)?;
    if links.seeds() as u64 > round.trail()?.max_seeds {
        let expected = "no more seeds than the manifest allows a member (max_seeds)";
        return Err(Error::Trail { expected }.at(member.as_str()));
    }
    for (share, resolved) in matched {
        let kind = share.terms().context.kind();
        let key = keys.of_kind(kind)?;
        let linked = resolved
            .rows
            .iter()
            .map(|found| (link_token(key, &share.tokens()[found.index]), subject(found.place)));
        links.add(kind.clone(), share.own_set(), linked)?;
    }
    Ok(links)
}

impl fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKeys")
    }
}
