//! The referral: the statements of members about the same trails, put together by the authority that they are for.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::error::Error;
use crate::round::Round;
use crate::terms::{ContentDigest, Name, RoundDigest, SealKey, TrailId};

use super::slip::Slip;
use super::statement::{Period, StatedSubject, Statement};

/// What an authority knows of trails: whom to address for what, and how many members are still silent.
///
/// It depends on the statements and not on their order.
///
/// ```
/// use veilmatch::trail::Referral;
/// # use veilmatch::round::{Manifest, TrailRules};
/// # use veilmatch::terms::{ContentDigest, KeyId, Name, Pseudonym, SealKey, Terms, TrailId};
/// # use veilmatch::trail::{Answer, OwnSubject, OwnTrail, Release, Statement};
/// # use veilmatch::{Metadata, Round};
/// # let members = vec![Name::new("bank-a")?, Name::new("bank-b")?];
/// # let mut manifest = Manifest::trial(Name::new("efc")?, 1, vec![(&Terms::example()).into()], members)?;
/// # manifest.trail = Some(TrailRules::for_kinds([]));
/// # let round = Round::new(manifest)?;
/// # let own = vec![OwnSubject { pseudonym: Pseudonym([3; 16]), distance: 1, leads: Vec::new() }];
/// # let trail = OwnTrail { id: TrailId([7; 16]), subjects: None, members: 2, names: None, slip: None, own };
/// # let answer = Answer {
/// #     terms: round.trail_terms(KeyId([7; 8]))?, recipient: Name::new("bank-a")?, metadata: Metadata::default(),
/// #     signer: None, links: ContentDigest([0; 32]), without: 0, trails: vec![trail], too_large: vec![], dropped: vec![],
/// # };
/// # let authority = SealKey::new("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")?;
/// # let release = Release { authority: authority.clone(), case: "1".into(), contact: "desk".into(), channel: None };
/// # let statement = Statement::new(&round, &answer, &answer.trails[0].id, release, |pseudonym| *pseudonym)?;
///
/// let referral = Referral::new(&round, &authority, [statement])?;
/// assert_eq!((referral.trails[0].statements.len(), referral.trails[0].missing.members), (1, 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Referral {
    /// Version of the form of the JSON.
    pub schema: u64,
    /// Digest of the manifest.
    pub round: RoundDigest,
    /// The coalition.
    pub coalition: Name,
    /// The epoch of its secret.
    pub epoch: u64,
    /// Number of the round.
    pub number: u64,
    /// Purpose of the round.
    pub purpose: String,
    /// The dates of the round.
    pub period: Period,
    /// The key of the authority, to which the statements were sealed.
    pub authority: SealKey,
    /// The request of every statement.
    pub request: &'static str,
    /// The trails, in order of case and id.
    pub trails: Vec<Referred>,
}

/// A trail in one case, as far as its members have made statements.
///
/// See the example of [`Referral`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Referred {
    /// The case.
    pub case: String,
    /// The trail.
    pub trail: TrailId,
    /// Number of its members.
    pub members: u64,
    /// Its members, in order of name, if the manifest names them.
    pub names: Option<Vec<Name>>,
    /// What each member stated, in order of name.
    pub statements: Vec<Stated>,
    /// The members that have not made a statement.
    pub missing: Missing,
}

/// What one member stated: whom to address, how, and for which subjects.
///
/// See the example of [`Referral`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// The member.
    pub member: Name,
    /// Where to ask.
    pub contact: String,
    /// The way that an order has to take, if the member named one.
    pub channel: Option<String>,
    /// When the statement was made, in seconds since 1970.
    pub made: u64,
    /// SHA-256 of the sealed answer of the hub that the statement was made from; none in a trial.
    pub answer: Option<ContentDigest>,
    /// Its subjects, in order of pseudonym.
    pub subjects: Vec<StatedSubject>,
}

/// The members of a trail that have not made a statement. Nobody has to make one.
///
/// See the example of [`Referral`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Their number.
    pub members: u64,
    /// Their names, in order, if the manifest names members.
    pub names: Option<Vec<Name>>,
}

impl Referral {
    /// Version of the form of the JSON.
    pub const SCHEMA: u64 = 1;

    /// Puts statements together, in any order. They are of this round, for the owner of `authority`. Statements for several
    /// cases are kept apart.
    ///
    /// # Errors
    ///
    /// Those of [`Round::accept_statement`], [`Error::At`] the member; [`Error::Trail`] for two statements of a member for
    /// one trail and case, and for slips that say different things of one trail.
    pub fn new(
        round: &Round,
        authority: &SealKey,
        statements: impl IntoIterator<Item = Statement>,
    ) -> Result<Self, Error> {
        let mut trails: BTreeMap<(String, TrailId), Referred> = BTreeMap::new();
        let mut slips: BTreeMap<TrailId, Slip> = BTreeMap::new();
        for statement in statements {
            let member = statement.member.clone();
            let mut add = || {
                round.accept_statement(&statement, authority)?;
                let slip = &statement.slip;
                let first = slips.entry(slip.trail).or_insert_with(|| slip.clone());
                if (first.members, &first.names) != (slip.members, &slip.names) {
                    return Err(Error::Trail { expected: "slips that say the same of a trail" });
                }
                let key = (statement.release.case.clone(), slip.trail);
                trails.entry(key).or_insert_with(|| Referred::of(&statement)).add(&statement)
            };
            add().map_err(|error: Error| error.at(member.as_str()))?;
        }
        let manifest = round.manifest();
        let mut trails: Vec<Referred> = trails.into_values().collect();
        trails.iter_mut().for_each(Referred::complete);
        Ok(Self {
            schema: Self::SCHEMA,
            round: round.digest(),
            coalition: manifest.coalition.clone(),
            epoch: manifest.epoch,
            number: manifest.number,
            purpose: manifest.purpose.clone(),
            period: Period::of(round),
            authority: authority.clone(),
            request: Statement::REQUEST,
            trails,
        })
    }

    /// Writes the referral as JSON for programs (SPEC.md, section 15.5): indented, with a newline at the end.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

impl Referred {
    fn of(statement: &Statement) -> Self {
        let Slip { trail, members, ref names, .. } = statement.slip;
        Self {
            case: statement.release.case.clone(),
            trail,
            members,
            names: names.clone(),
            statements: Vec::new(),
            missing: Missing { members: 0, names: None },
        }
    }

    fn add(&mut self, statement: &Statement) -> Result<(), Error> {
        let place = match self.statements.binary_search_by(|stated| stated.member.cmp(&statement.member)) {
            Ok(_) => {
                return Err(Error::Trail { expected: "one statement of a member for each trail and case" });
            }
            Err(place) => place,
        };
        if self.statements.len() as u64 == self.members {
            return Err(Error::Trail { expected: "no more members of a trail than the hub's slips say" });
        }
        let stated = Stated {
            member: statement.member.clone(),
            contact: statement.release.contact.clone(),
            channel: statement.release.channel.clone(),
            made: statement.metadata.created,
            answer: statement.answer,
            subjects: statement.subjects.clone(),
        };
        self.statements.insert(place, stated);
        Ok(())
    }

    /// Says who is missing.
    fn complete(&mut self) {
        let has_stated = |name: &Name| self.statements.iter().any(|stated| stated.member == *name);
        let missing = |names: &Vec<Name>| names.iter().filter(|name| !has_stated(name)).cloned().collect();
        let names = self.names.as_ref().map(missing);
        self.missing = Missing { members: self.members - self.statements.len() as u64, names };
    }
}
