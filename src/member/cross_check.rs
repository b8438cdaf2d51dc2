//! The cross-check: two members compare what the hub told each of them about both. A third party learns nothing of it.
//!
//! A hub can leave an overlap out of one member's share and not out of the other's. From its share, which must name
//! holders, a member makes a [`CrossCheck`] for each other member. It states how many tokens both are said to hold. It
//! also has HMACs, under a fresh random key, of exactly these tokens and of the members that are said to have been
//! matched. The other member computes these from its own share. The file is sealed to the other member, so only these
//! two know the key: whoever has the coalition's secret but not the key cannot try guesses.
//!
//! The check finds what the hub told to one and not to the other. It cannot find what the hub told both alike, or
//! neither: an overlap left out of both shares, or a third holder invented in both. Overlaps of these two that fewer
//! than k members hold stand in no share and are not compared.

mod file;

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::matching::{Share, Told};
use crate::round::Round;
use crate::terms::{ContentDigest, Disclosure, KindId, Name, RoundDigest, SignerKey};

/// The statement of one member to one other about the tokens that both are said to hold.
///
/// There is no `Clone`, `Display` or `Serialize`; `Debug` shows no key; dropping wipes it.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Disclosure, Intersection, Manifest, Round, Token, TokenSet};
/// # let members = ["bank-a", "bank-b", "bank-c"].map(Name::new).into_iter().collect::<Result<Vec<_>, _>>()?;
/// # let manifest = Manifest::trial(Name::new("example")?, 1, vec![(&Terms::example()).into()], members)?;
/// # let round = Round::new(manifest)?;
/// # let terms = Terms { round: Some(round.digest()), ..Terms::example() };
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// # let (a, b) = (set("bank-a", &[1, 2])?, set("bank-b", &[2, 3])?);
/// # let overlaps = Intersection::new().add(&a)?.add(&b)?.at_least(2)?.collect()?;
/// use veilmatch::member::cross_check::{CrossCheck, Outcome};
///
/// let share_of = |set: &TokenSet| overlaps.share(set.member(), Disclosure::Holders)?.with_own_set(set);
/// let check = CrossCheck::new(&round, a.member(), b.member(), &[share_of(&a)?])?;
/// let outcomes = check.compare(&round, b.member(), &[share_of(&b)?])?;
/// assert_eq!(outcomes[0].1, Outcome::Agrees { tokens: 1 });
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct CrossCheck {
    round: RoundDigest,
    from: Name,
    to: Name,
    key: Key,
    kinds: Vec<Common>,
    signer: Option<SignerKey>,
}

/// The key of one cross-check; wiped when dropped.
type Key = Zeroizing<[u8; 32]>;

/// The tokens of one kind that both are said to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    kind: KindId,
    /// Date of the share; it shows another match.
    matched: u64,
    /// HMAC of the members that were matched, as the share names them.
    members: ContentDigest,
    tokens: u64,
    /// HMAC of the tokens.
    digest: ContentDigest,
    /// HMAC of the tokens, each with all members that are said to hold it.
    holders: ContentDigest,
}

/// The outcome of a comparison of one kind.
///
/// See the example of [`CrossCheck`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Both were told the same about the matched members, the tokens and the holders.
    Agrees {
        /// Number of tokens.
        tokens: u64,
    },
    /// The members that are said to have been matched differ, whatever else does.
    MembersDiffer,
    /// The tokens that both are said to hold differ.
    TokensDiffer {
        /// Number of tokens that the other was told of.
        theirs: u64,
        /// Number of tokens that this member was told of. If both numbers are equal, the tokens are others.
        ours: u64,
    },
    /// The tokens agree, but not who else is said to hold them.
    HoldersDiffer {
        /// Number of tokens.
        tokens: u64,
    },
    /// The shares are of different matches, by their dates. They say different things though nobody lies.
    OtherMatch {
        /// Date of the other's share, in seconds since 1970.
        theirs: u64,
        /// Date of this member's share.
        ours: u64,
    },
    /// Only the other member has a share of this kind that names both.
    OnlyTheirs,
    /// Only this member has a share of this kind that names both.
    OnlyOurs,
}

impl Outcome {
    /// Whether the hub told both the same.
    pub fn agrees(self) -> bool {
        matches!(self, Self::Agrees { .. })
    }
}

impl CrossCheck {
    /// Makes the statement of `from` to `to`, from the shares of a round that `from` has, each of another kind.
    ///
    /// A kind is left out if `to` took no part in its match. Memory: none for the tokens.
    ///
    /// # Errors
    ///
    /// Those of [`Round::accept`]; [`Error::CrossCheck`] for shares that do not name holders, two of one kind, or a check
    /// of a member with itself; [`Error::NotInRound`]; [`Error::Random`].
    pub fn new(round: &Round, from: &Name, to: &Name, shares: &[Share]) -> Result<Self, Error> {
        let (from, to) = (round.member(from)?.name.clone(), round.member(to)?.name.clone());
        if from == to {
            return Err(Error::CrossCheck { problem: "expected two different members" });
        }
        require_shares(round, &from, shares)?;
        let mut key = Key::default();
        SystemRandom::new().fill(&mut *key).map_err(|_| Error::Random)?;
        let mut check = Self { round: round.digest(), from, to, key, kinds: Vec::new(), signer: None };
        check.kinds = check.common(&check.to, shares);
        Ok(check)
    }

    /// Returns the members other than `member` that its shares name, in order of name. Make a cross-check for each.
    pub fn others(member: &Name, shares: &[Share]) -> Vec<Name> {
        let named = shares.iter().filter_map(Share::members).flatten();
        let mut others: Vec<Name> = named.filter(|name| !name.same(member)).cloned().collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// Returns the member that makes the statement.
    pub fn from(&self) -> &Name {
        &self.from
    }

    /// Returns the member that it is for.
    pub fn to(&self) -> &Name {
        &self.to
    }

    /// Returns the key of the valid signature in the file from which it was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.signer
    }

    /// Returns the kinds that it covers, each with the number of tokens that both are said to hold.
    pub fn kinds(&self) -> impl Iterator<Item = (&KindId, u64)> {
        self.kinds.iter().map(|common| (&common.kind, common.tokens))
    }

    /// Compares the statement with what `member`, its recipient, was told. Returns one outcome for each kind, in order
    /// of kind.
    ///
    /// # Errors
    ///
    /// [`Error::RoundDiffers`], [`Error::WrongRecipient`], [`Error::NotInRound`], [`Error::Unsigned`],
    /// [`Error::WrongSigner`] for a statement that is not of this round, not for this member, or not signed by the
    /// member that it names; for the shares as [`CrossCheck::new`].
    pub fn compare(
        &self,
        round: &Round,
        member: &Name,
        shares: &[Share],
    ) -> Result<Vec<(KindId, Outcome)>, Error> {
        if self.round != round.digest() {
            return Err(Error::RoundDiffers { expected: round.digest(), found: self.round });
        }
        if !self.to.same(member) {
            return Err(Error::WrongRecipient { recipient: self.to.clone(), member: member.clone() });
        }
        round.require_signed_by(&self.from, self.signer)?;
        require_shares(round, &self.to, shares)?;
        let ours = self.common(&self.from, shares);
        let mut kinds: Vec<&KindId> = self.kinds.iter().chain(&ours).map(|common| &common.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let of = |all: &'_ [Common], kind: &KindId| all.iter().find(|common| common.kind == *kind).cloned();
        let outcome = |kind: &KindId| match (of(&self.kinds, kind), of(&ours, kind)) {
            (Some(theirs), Some(ours)) => compared(&theirs, &ours),
            (None, _) => Outcome::OnlyOurs,
            (_, None) => Outcome::OnlyTheirs,
        };
        Ok(kinds.into_iter().map(|kind| (kind.clone(), outcome(kind))).collect())
    }

    /// Returns what the shares of one of the two say about both, in order of kind.
    fn common(&self, other: &Name, shares: &[Share]) -> Vec<Common> {
        let mut kinds: Vec<Common> =
            shares.iter().filter_map(|share| self.common_of_kind(other, share)).collect();
        kinds.sort_unstable_by(|a, b| a.kind.cmp(&b.kind));
        kinds
    }

    /// HMAC-SHA-256(key, label || round || lp(from) || lp(to) || lp(kind) || key id || u64(date) || …). It is computed
    /// over the members that were matched, u16(number of members) || lp(name)…; over each token; and over each token
    /// with its holders, named as the members are.
    fn common_of_kind(&self, other: &Name, share: &Share) -> Option<Common> {
        let Told::Holders { members, table } = share.told() else { return None };
        let position = members.iter().position(|member| member.same(other))?;
        let terms = share.terms();
        let begin = |label: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&*self.key).expect("HMAC takes keys of any length");
            mac.update(label);
            mac.update(&self.round.0);
            for part in [self.from.as_str(), self.to.as_str(), terms.context.kind().as_str()] {
                update_lp(&mut mac, part);
            }
            mac.update(&terms.key_id.0);
            mac.update(&share.metadata().created.to_be_bytes());
            mac
        };
        let mut of_members = begin(b"veilmatch/1 cross-check members");
        update_names(&mut of_members, members.len(), members.iter());
        let (mut of_tokens, mut of_holders) =
            (begin(b"veilmatch/1 cross-check tokens"), begin(b"veilmatch/1 cross-check holders"));
        let mut tokens = 0;
        for (at, token) in share.tokens().iter().enumerate() {
            let holders = table.row(at);
            if holders.contains(position) {
                tokens += 1;
                of_tokens.update(token.as_bytes());
                of_holders.update(token.as_bytes());
                let names = holders.iter().map(|holder| &members[holder]);
                update_names(&mut of_holders, holders.count(), names);
            }
        }
        let finish = |mac: Hmac<Sha256>| ContentDigest(mac.finalize().into_bytes().into());
        let [members, digest, holders] = [of_members, of_tokens, of_holders].map(finish);
        let (kind, matched) = (terms.context.kind().clone(), share.metadata().created);
        Some(Common { kind, matched, members, tokens, digest, holders })
    }
}

fn update_names<'a>(mac: &mut Hmac<Sha256>, how_many: usize, names: impl Iterator<Item = &'a Name>) {
    mac.update(&(how_many as u16).to_be_bytes()); // at most 2,048
    names.for_each(|name| update_lp(mac, name.as_str()));
}

fn update_lp(mac: &mut Hmac<Sha256>, text: &str) {
    mac.update(&(text.len() as u16).to_be_bytes()); // names and kinds have at most 64 bytes
    mac.update(text.as_bytes());
}

fn compared(theirs: &Common, ours: &Common) -> Outcome {
    if theirs.matched != ours.matched {
        Outcome::OtherMatch { theirs: theirs.matched, ours: ours.matched }
    } else if theirs.members != ours.members {
        Outcome::MembersDiffer
    } else if (theirs.tokens, theirs.digest) != (ours.tokens, ours.digest) {
        Outcome::TokensDiffer { theirs: theirs.tokens, ours: ours.tokens }
    } else if theirs.holders != ours.holders {
        Outcome::HoldersDiffer { tokens: ours.tokens }
    } else {
        Outcome::Agrees { tokens: ours.tokens }
    }
}

/// Refuses shares that a member cannot cross-check.
fn require_shares(round: &Round, member: &Name, shares: &[Share]) -> Result<(), Error> {
    for (at, share) in shares.iter().enumerate() {
        round.accept(share, member)?;
        if share.disclosure() != Disclosure::Holders {
            let problem =
                "the shares count holders and do not name them; expected a round with the policy `holders`";
            return Err(Error::CrossCheck { problem });
        }
        let kind = share.terms().context.kind();
        if shares[..at].iter().any(|before| before.terms().context.kind() == kind) {
            return Err(Error::CrossCheck { problem: "expected one share of each kind, got two of one" });
        }
    }
    Ok(())
}

impl fmt::Debug for CrossCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrossCheck")
            .field("round", &self.round)
            .field("from", &self.from)
            .field("to", &self.to)
            .field("signer", &self.signer)
            .finish_non_exhaustive()
    }
}
