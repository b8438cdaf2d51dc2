//! Groups of members that have the same value, where members do not agree.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use super::Name;

/// Members grouped by their value. The group with the most members comes first; of groups of one size, the one with the
/// first name.
///
/// `Display` shows no value. It says who agrees with whom and who stands alone: up to eight groups with up to eight
/// members each, and the number of the rest.
///
/// ```
/// use veilmatch::terms::{Groups, Name};
///
/// let values = [(Name::new("a")?, "x"), (Name::new("b")?, "y"), (Name::new("c")?, "x")];
/// let groups = Groups::from_values(values.iter().map(|(name, value)| (name, value.to_string())));
/// assert_eq!(groups.to_string(), "a and c agree; b stands alone");
/// assert_eq!(groups.common(), Some("x"));
/// assert_eq!(groups.0[1].members, [Name::new("b")?]);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups(pub Vec<Group>);

/// The members with one value.
///
/// See the example of [`Groups`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The value, which is public.
    pub value: String,
    /// The members that have it, in order of name.
    pub members: Vec<Name>,
}

/// The number of groups, and of members of each, that are shown.
const SHOWN: usize = 8;

impl Groups {
    /// Groups members by their values; the order in which they come makes no difference.
    pub fn from_values<'a>(values: impl IntoIterator<Item = (&'a Name, String)>) -> Self {
        let mut of: BTreeMap<String, Vec<Name>> = BTreeMap::new();
        values.into_iter().for_each(|(member, value)| of.entry(value).or_default().push(member.clone()));
        let mut groups: Vec<Group> =
            of.into_iter().map(|(value, members)| Group { value, members }).collect();
        groups.iter_mut().for_each(|group| group.members.sort());
        groups.sort_by(|a, b| {
            (Reverse(a.members.len()), &a.members).cmp(&(Reverse(b.members.len()), &b.members))
        });
        Self(groups)
    }

    /// Returns the value that more members have than any other value, if there is one.
    pub fn common(&self) -> Option<&str> {
        match &self.0[..] {
            [only] => Some(&only.value),
            [first, second, ..] if first.members.len() > second.members.len() => Some(&first.value),
            _ => None,
        }
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Group { members, .. }) in self.0.iter().take(SHOWN).enumerate() {
            let between = if at == 0 { "" } else { "; " };
            match &members[..] {
                [one] => write!(f, "{between}{one} stands alone")?,
                several => write!(f, "{between}{} agree", listed(several))?,
            }
        }
        match self.0.get(SHOWN..) {
            None | Some([]) => Ok(()),
            Some(rest) => {
                let members: usize = rest.iter().map(|group| group.members.len()).sum();
                write!(f, "; {members} others have {} other values", rest.len())
            }
        }
    }
}

/// Lists members: `a, b and c`, or `a, b and 7 others`.
fn listed(members: &[Name]) -> String {
    let mut named: Vec<String> = members.iter().take(SHOWN).map(Name::to_string).collect();
    let last = match members.len().saturating_sub(SHOWN) {
        0 => named.pop().unwrap_or_default(),
        more => format!("{more} others"),
    };
    format!("{} and {last}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(values: &[(&str, &str)]) -> Groups {
        let named: Vec<(Name, String)> =
            values.iter().map(|(name, value)| (Name::new(name).unwrap(), (*value).to_owned())).collect();
        Groups::from_values(named.iter().map(|(name, value)| (name, value.clone())))
    }

    #[test]
    fn who_stands_alone_is_said_and_the_order_makes_no_difference() {
        let mut values = [("c", "x"), ("a", "y"), ("d", "x"), ("b", "z")];
        let text = "c and d agree; a stands alone; b stands alone";
        assert_eq!(groups(&values).to_string(), text);
        values.reverse();
        assert_eq!(groups(&values).to_string(), text);
        assert_eq!(groups(&values).common(), Some("x"));
        // Of two members with a value each, nobody can say which is wrong.
        assert_eq!(groups(&[("b", "x"), ("a", "y")]).to_string(), "a stands alone; b stands alone");
        assert_eq!(groups(&[("b", "x"), ("a", "y")]).common(), None);
    }

    #[test]
    fn thousands_of_members_and_values_are_counted_beyond_a_few() {
        let names: Vec<String> = (0..2048).map(|number| format!("{number:064}")).collect();
        let alike: Vec<(&str, &str)> =
            names.iter().map(|name| (&name[..], if name == &names[7] { "y" } else { "x" })).collect();
        let text = groups(&alike).to_string();
        assert!(
            text.contains(" and 2039 others agree; 0")
                && text.ends_with("7 stands alone")
                && text.len() < 1000,
            "{text}"
        );
        let all: Vec<(&str, &str)> = names.iter().map(|name| (&name[..], &name[..])).collect();
        let text = groups(&all).to_string();
        assert!(text.ends_with("; 2040 others have 2040 other values") && text.len() < 2000, "{text}");
    }
}
