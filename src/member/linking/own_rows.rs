//! The rows that an answer about trails speaks of.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::Error;
use crate::member::rows::Rows;
use crate::member::tokenize::{Tokenizer, each_token};
use crate::outcome::Place;
use crate::round::Round;
use crate::terms::{KindId, Name, Pseudonym};
use crate::token::Token;
use crate::trail::{Answer, OwnSubject};

use super::{LinkKeys, link_token};

/// Which of a member's own rows an answer speaks of.
///
/// First the rows of its subjects are added, then the rows of each kind are read. Only the rows that are found are kept:
/// 24 bytes each.
///
/// ```
/// # use veilmatch::member::linking::Pseudonyms;
/// # use veilmatch::member::{CoalitionSecret, Kind, Rows};
/// # use veilmatch::round::TrailRules;
/// # use veilmatch::round::identity::Identity;
/// # use veilmatch::terms::{ContentDigest, KeyContext, Name, TrailId};
/// # use veilmatch::trail::{Answer, Lead, OwnSubject, OwnTrail};
/// # use veilmatch::{Manifest, Metadata, Round, Token};
/// # let (secret, kind) = (CoalitionSecret::generate()?, Kind::BankIban.kind_id());
/// # let (a, b) = (Name::new("bank-a")?, Name::new("bank-b")?);
/// # let any = veilmatch::member::Tokenizer::new(&secret, KeyContext::new(Name::new("efc")?, 1, kind.clone())?)?;
/// # let members = vec![a.clone(), b.clone()];
/// # let mut manifest = Manifest::trial(Name::new("efc")?, 1, vec![any.terms().into()], members)?;
/// # manifest.trail = Some(TrailRules::for_kinds([&kind]));
/// # let round = Round::new(manifest)?;
/// # let tokenizer = round.tokenizer(&secret, &kind, &a)?;
/// # let keys = round.link_keys(&secret)?;
/// # let pseudonyms = Pseudonyms::new(&Identity::generate()?, &round.digest());
/// # let token = tokenizer.token(b"DE89370400440532013000").unwrap().unwrap();
/// # let lead = Lead { kind: kind.clone(), token: keys.link_token(&kind, &token)?, behind: Some(1) };
/// # let own = OwnSubject { pseudonym: pseudonyms.of(b"", 0, 2), distance: 0, leads: vec![lead] };
/// # let trail = OwnTrail { id: TrailId([1; 16]), subjects: Some(2), members: 2, names: None, slip: None, own: vec![own] };
/// # let answer = Answer {
/// #     terms: round.trail_terms(keys.id())?, recipient: a.clone(), metadata: Metadata::default(), signer: None,
/// #     links: ContentDigest([0; 32]), without: 0, trails: vec![trail], too_large: Vec::new(), dropped: Vec::new(),
/// # };
/// use veilmatch::member::linking::OwnRows;
///
/// let ibans = ["GB29NWBK60161331926819", "DE89370400440532013000"];
/// let mut own = OwnRows::new(&round, &a, &keys, &answer)?;
/// Rows::values(ibans).each(|place, _| own.add(pseudonyms.of(b"", 0, place.row), place))?;
/// for kind in own.kinds() {
///     own.read(&round.tokenizer(&secret, &kind, &a)?, &keys, Rows::values(ibans), |place| place)?;
/// }
/// own.require()?;
/// let subject = &answer.trails[0].own[0];
/// assert_eq!(own.rows(&subject.pseudonym)[0].row, 2);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct OwnRows<'a> {
    member: Name,
    answer: &'a Answer,
    subjects: BTreeMap<Pseudonym, Vec<Place>>,
    tokens: BTreeMap<KindId, OfKind>,
}

/// Link tokens of a kind, in order, and the rows of each.
#[derive(Default)]
struct OfKind {
    tokens: Vec<Token>,
    rows: Vec<Vec<Place>>,
}

impl OfKind {
    fn rows(&self, token: &Token) -> &[Place] {
        self.tokens.binary_search(token).map_or(&[], |place| &self.rows[place])
    }
}

impl<'a> OwnRows<'a> {
    /// Begins with an answer that was read, and holds it against the round.
    ///
    /// # Errors
    ///
    /// Those of [`Round::accept_answer`]; [`Error::TermsDiffer`] for an answer to links under another secret.
    pub fn new(round: &Round, member: &Name, keys: &LinkKeys, answer: &'a Answer) -> Result<Self, Error> {
        round.accept_answer(answer, member)?;
        round.trail_terms(keys.id())?.require(&answer.terms, member)?;
        let own = || answer.trails.iter().flat_map(|trail| &trail.own);
        let pseudonyms = own().map(|own| own.pseudonym).chain(answer.too_large.iter().copied());
        let leads = own().flat_map(|own| &own.leads).map(|lead| (&lead.kind, lead.token));
        let dropped = answer.dropped.iter().map(|one| (&one.kind, one.token));
        let mut tokens = BTreeMap::<KindId, OfKind>::new();
        for (kind, token) in leads.chain(dropped) {
            keys.of_kind(kind)?;
            tokens.entry(kind.clone()).or_default().tokens.push(token);
        }
        for of_kind in tokens.values_mut() {
            of_kind.tokens.sort_unstable();
            of_kind.tokens.dedup();
            of_kind.rows.resize(of_kind.tokens.len(), Vec::new());
        }
        let subjects = pseudonyms.map(|pseudonym| (pseudonym, Vec::new())).collect();
        Ok(Self { member: member.clone(), answer, subjects, tokens })
    }

    /// Returns the kinds whose rows are to be read, in order.
    pub fn kinds(&self) -> Vec<KindId> {
        self.tokens.keys().cloned().collect()
    }

    /// Adds a row and the pseudonym of its subject. It is kept if the answer speaks of the subject.
    pub fn add(&mut self, subject: Pseudonym, place: Place) {
        if let Some(rows) = self.subjects.get_mut(&subject) {
            rows.push(place);
        }
    }

    /// Tokenises the rows of a kind again and keeps those with identifiers of the answer. `place` says where a row stands
    /// as [`OwnRows::add`] was told, if the rows are of several columns.
    ///
    /// # Errors
    ///
    /// Those of the input; [`Error::KindNotInRound`], [`Error::Cancelled`].
    pub fn read<'r>(
        &mut self,
        tokenizer: &Tokenizer,
        keys: &LinkKeys,
        rows: impl Into<Rows<'r>>,
        place: impl Fn(Place) -> Place,
    ) -> Result<(), Error> {
        self.read_by(tokenizer, keys, rows.into(), place, |token| Some(*token))
    }

    /// Tags the rows of a kind again, as [`OwnRows::read`] tokenises them, in a round with custodians. `of` has the tags of the
    /// tokens that are wanted ([`OwnRows::is_wanted`]).
    ///
    /// # Errors
    ///
    /// As [`OwnRows::read`].
    #[cfg(all(feature = "oprf", feature = "seal"))]
    pub fn read_tags<'r>(
        &mut self,
        (tags, of): (&Tokenizer, &crate::member::oprf::Tags),
        keys: &LinkKeys,
        rows: impl Into<Rows<'r>>,
        place: impl Fn(Place) -> Place,
    ) -> Result<(), Error> {
        self.read_by(tags, keys, rows.into(), place, |tag| of.token(tag))
    }

    /// Whether the answer speaks of an identifier, given by its token.
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`].
    pub fn is_wanted(&self, kind: &KindId, keys: &LinkKeys, token: &Token) -> Result<bool, Error> {
        let key = keys.of_kind(kind)?;
        let of_kind = self.tokens.get(kind);
        Ok(of_kind.is_some_and(|of_kind| of_kind.tokens.binary_search(&link_token(key, token)).is_ok()))
    }

    /// `token` gives the token of what the tokeniser makes of a row.
    fn read_by(
        &mut self,
        tokenizer: &Tokenizer,
        keys: &LinkKeys,
        rows: Rows<'_>,
        place: impl Fn(Place) -> Place,
        token: impl Fn(&Token) -> Option<Token> + Sync,
    ) -> Result<(), Error> {
        let kind = tokenizer.terms().context.kind();
        let key = keys.of_kind(kind)?;
        let Some(of_kind) = self.tokens.get_mut(kind) else { return Ok(()) };
        let wanted = &of_kind.tokens;
        let found = |found: &mut Vec<_>, at, made: Token| {
            let index = token(&made).and_then(|token| wanted.binary_search(&link_token(key, &token)).ok());
            found.extend(index.map(|index| (at, index)));
        };
        let read = each_token(tokenizer, rows, found, Ok)?;
        for part in &read.parts {
            part.found.iter().for_each(|(at, index)| of_kind.rows[*index].push(place(part.place(*at))));
        }
        Ok(())
    }

    /// Refuses an answer with subjects, or identifiers of a subject, that the rows do not have.
    ///
    /// # Errors
    ///
    /// [`Error::StrangeTrail`], with their numbers.
    pub fn require(&self) -> Result<(), Error> {
        let subjects = self.subjects.values().filter(|rows| rows.is_empty()).count() as u64;
        let all = self.answer.trails.iter().flat_map(|trail| &trail.own);
        let leads = all.map(|own| self.strange_leads(own)).sum::<u64>();
        let dropped = self.answer.dropped.iter().filter(|one| self.rows_of(&one.kind, &one.token).is_empty());
        match (subjects, leads + dropped.count() as u64) {
            (0, 0) => Ok(()),
            (subjects, tokens) => Err(Error::StrangeTrail { member: self.member.clone(), subjects, tokens }),
        }
    }

    /// Counts the identifiers that none of the subject's rows has.
    fn strange_leads(&self, own: &OwnSubject) -> u64 {
        let mut of_subject: Vec<(usize, u64)> = self.rows(&own.pseudonym).iter().map(order).collect();
        of_subject.sort_unstable();
        let is_of_subject = |place: &Place| of_subject.binary_search(&order(place)).is_ok();
        let strange = |rows: &[Place]| !rows.iter().any(is_of_subject);
        own.leads.iter().filter(|lead| strange(self.rows_of(&lead.kind, &lead.token))).count() as u64
    }

    /// Returns the rows of a subject, in order.
    pub fn rows(&self, subject: &Pseudonym) -> &[Place] {
        self.subjects.get(subject).map_or(&[], Vec::as_slice)
    }

    /// Returns the rows with an identifier, given by its link token.
    pub fn rows_of(&self, kind: &KindId, token: &Token) -> &[Place] {
        self.tokens.get(kind).map_or(&[], |of_kind| of_kind.rows(token))
    }
}

fn order(place: &Place) -> (usize, u64) {
    (place.input, place.row)
}

impl fmt::Debug for OwnRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnRows")
            .field("member", &self.member)
            .field("subjects", &self.subjects.len())
            .field("kinds", &self.tokens.keys())
            .finish_non_exhaustive()
    }
}
