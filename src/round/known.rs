//! Known keys: public keys that were agreed earlier. Every new manifest is compared with them.
//!
//! Nobody signs a manifest. Whoever replaces it for one member can name another hub's key in it, and that member then
//! seals to that key. A file of keys that were compared once shows such a manifest, without a telephone call.

use std::fmt;

use crate::error::Error;
use crate::terms::{Name, PublicKeys};

use super::Round;

/// The known keys of one party: a member of a coalition, or its hub.
///
/// See the example of [`Known`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKeys {
    /// The coalition.
    pub coalition: Name,
    /// The member; none for the hub.
    pub member: Option<Name>,
    /// The keys.
    pub keys: PublicKeys,
}

/// Names and public keys that were agreed earlier, each name of a coalition once.
///
/// ```
/// use veilmatch::terms::{Name, PublicKeys};
/// use veilmatch::round::{Known, KnownKeys};
///
/// let keys: PublicKeys = "\
/// veilmatch public keys 1
/// sign: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
/// seal: age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
/// ".parse()?;
/// let mut known = Known::default();
/// known.add(KnownKeys { coalition: Name::new("efc")?, member: None, keys })?;
/// assert_eq!(Known::parse(&known.to_bytes())?, known);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The entries in order of coalition and name, ignoring case; the hub of a coalition comes first.
    entries: Vec<KnownKeys>,
}

/// First line of the file.
const TITLE: &str = "veilmatch known keys 1";

/// The word that stands for the hub: no name begins with its first character.
const HUB: &str = "@hub";

const ORDER: &str = "coalitions and names in order, each name once, ignoring case";

impl Known {
    /// Longest file, in bytes: some 20,000 names.
    pub const MAX_LEN: usize = 4 << 20;

    /// Reads a file of known keys, which must be spelt as [`Known::to_bytes`] spells it.
    ///
    /// # Errors
    ///
    /// [`Error::Known`], with the line; [`Error::At`] a line, those of [`PublicKeys::check`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |line, expected| Error::Known { line, expected };
        if bytes.len() > Self::MAX_LEN {
            return Err(wrong(1, "at most 4 MiB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| wrong(1, "ASCII text"))?;
        let lines = text.strip_suffix('\n').ok_or(wrong(1, "a newline at the end of every line"))?;
        let mut lines = (1..).zip(lines.split('\n'));
        if lines.next().is_none_or(|(_, title)| title != TITLE) {
            return Err(wrong(1, "the first line `veilmatch known keys 1`"));
        }
        let mut entries: Vec<KnownKeys> = Vec::new();
        for (line, text) in lines {
            let entry = read_line(text).ok_or(wrong(
                line,
                "coalition, name (or @hub), signing key and sealing key, with one space between them",
            ))?;
            entry.keys.check().map_err(|error| error.at(format!("line {line}")))?;
            if entries.last().is_some_and(|before| before.sort_key() >= entry.sort_key()) {
                return Err(wrong(line, ORDER));
            }
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// Returns the file: a title, then a line for each name.
    pub fn to_bytes(&self) -> Vec<u8> {
        let lines = self.entries.iter().map(|entry| format!("{entry}\n"));
        std::iter::once(format!("{TITLE}\n")).chain(lines).collect::<String>().into_bytes()
    }

    /// Returns all known keys, in order of coalition and name; the hub of a coalition comes first.
    pub fn entries(&self) -> &[KnownKeys] {
        &self.entries
    }

    /// Adds a name with its keys. Returns whether the name is new.
    ///
    /// # Errors
    ///
    /// [`Error::KnownDiffers`] for a name that is known with another key, [`Error::KnownAsOther`] for a key that is
    /// known under another name of the coalition; those of [`PublicKeys::check`]. Nothing is changed then.
    pub fn add(&mut self, entry: KnownKeys) -> Result<bool, Error> {
        entry.keys.check()?;
        if self.require(&entry)? {
            return Ok(false);
        }
        let place = self.entries.partition_point(|before| before.sort_key() < entry.sort_key());
        self.entries.insert(place, entry);
        Ok(true)
    }

    /// Compares the manifest of a round with the known keys. Returns the names that are not known yet, in order of
    /// name, the hub first.
    ///
    /// # Errors
    ///
    /// As [`Known::add`]; [`Error::Identity`] for a trial round, which has no keys.
    pub fn require_round(&self, round: &Round) -> Result<Vec<KnownKeys>, Error> {
        let mut unknown = Vec::new();
        for entry in keys_of(round)? {
            if !self.require(&entry)? {
                unknown.push(entry);
            }
        }
        Ok(unknown)
    }

    /// Returns the known members of the round's coalition that its manifest leaves out, in order of name. A round may
    /// be of fewer members than are known. If whoever sent the manifest has left somebody out, only this shows it.
    pub fn absent_from(&self, round: &Round) -> impl Iterator<Item = &KnownKeys> {
        let manifest = round.manifest();
        let of_coalition = self.entries.iter().filter(|known| known.coalition.same(&manifest.coalition));
        of_coalition.filter(|known| {
            let is_there = |name: &Name| manifest.members.iter().any(|member| member.name.same(name));
            known.member.as_ref().is_some_and(|name| !is_there(name))
        })
    }

    /// Whether an entry is known; refuses an entry that contradicts a known one.
    fn require(&self, entry: &KnownKeys) -> Result<bool, Error> {
        let differs = |which, expected: String, found: String| {
            Err(Error::KnownDiffers { who: entry.who(), which, expected, found })
        };
        let of_coalition = self.entries.iter().filter(|known| known.coalition.same(&entry.coalition));
        let mut is_known = false;
        for known in of_coalition {
            let (theirs, found) = (&known.keys, &entry.keys);
            let (same_sign, same_seal) = (theirs.sign == found.sign, theirs.seal == found.seal);
            match known.sort_key() == entry.sort_key() {
                true if !same_sign => {
                    return differs("sign", theirs.sign.to_string(), found.sign.to_string());
                }
                true if !same_seal => {
                    return differs("seal", theirs.seal.to_string(), found.seal.to_string());
                }
                true => is_known = true,
                false if same_sign || same_seal => {
                    let which = if same_sign { "sign" } else { "seal" };
                    return Err(Error::KnownAsOther { who: entry.who(), which, known: known.who() });
                }
                false => {}
            }
        }
        Ok(is_known)
    }
}

/// Returns the keys that a manifest lists.
fn keys_of(round: &Round) -> Result<impl Iterator<Item = KnownKeys>, Error> {
    let manifest = round.manifest();
    if round.is_trial() {
        return Err(Error::Identity {
            problem: "the round is a trial, without keys that could be held against those known; without --known it goes on",
        });
    }
    let hub = manifest.hub.iter().map(|keys| (None, keys.clone()));
    let members =
        manifest.members.iter().filter_map(|member| Some((Some(member.name.clone()), member.keys.clone()?)));
    let coalition = manifest.coalition.clone();
    Ok(hub.chain(members).map(move |(member, keys)| KnownKeys { coalition: coalition.clone(), member, keys }))
}

impl KnownKeys {
    /// Returns the place in the order: by coalition and name, ignoring case, the hub first.
    fn sort_key(&self) -> (String, Option<String>) {
        let folded = |name: &Name| name.as_str().to_ascii_lowercase();
        (folded(&self.coalition), self.member.as_ref().map(folded))
    }

    /// Returns the name of the party in messages.
    pub fn who(&self) -> String {
        self.member.as_ref().map_or("the hub".to_owned(), Name::to_string)
    }
}

impl fmt::Display for KnownKeys {
    /// Writes the line of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let member = self.member.as_ref().map_or(HUB, Name::as_str);
        write!(f, "{} {member} {} {}", self.coalition, self.keys.sign, self.keys.seal)
    }
}

fn read_line(text: &str) -> Option<KnownKeys> {
    let mut words = text.split(' ');
    let coalition = words.next()?.parse().ok()?;
    let member = match words.next()? {
        HUB => None,
        name => Some(name.parse().ok()?),
    };
    let keys = PublicKeys { sign: words.next()?.parse().ok()?, seal: words.next()?.parse().ok()? };
    words.next().is_none().then_some(KnownKeys { coalition, member, keys })
}
