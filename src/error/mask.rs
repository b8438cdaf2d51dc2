//! Masks keys that were given in the place of a name, so that they are not shown again.

use std::borrow::Cow;

/// The first characters of the text of every secret: coalition secrets, their shares, keys that sign, keys of age that
/// open.
const PREFIXES: [&str; 5] = ["vmsecret1", "vmshare1", "vmsign1", "age-secret-key-1", "age-secret-key-pq-1"];

/// The text that stands for the rest of a key.
const MASK: &str = "***";

/// Masks the keys in a text: somebody may have given a key in the place of a file's name or of a word.
///
/// All letters and digits after `vmsecret1`, `vmshare1`, `vmsign1` and `AGE-SECRET-KEY-1` are masked, in any case and
/// wherever they stand. The prefix stays, so that the mistake shows. The library masks messages with a place
/// ([`Error::at`]) and names of files in a log.
///
/// [`Error::at`]: crate::Error::at
///
/// ```
/// use veilmatch::error::masked;
///
/// assert_eq!(masked("keys/vmsecret1qpzry9x8: not found"), "keys/vmsecret1***: not found");
/// assert_eq!(masked("a line that begins with `vmsecret1`"), "a line that begins with `vmsecret1`");
/// ```
pub fn masked(text: &str) -> Cow<'_, str> {
    let Some(first) = next_key(text) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len());
    let (mut rest, mut key) = (text, Some(first));
    while let Some((start, end)) = key {
        shown.push_str(&rest[..start]);
        shown.push_str(MASK);
        rest = &rest[end..];
        key = next_key(rest);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Returns the bounds of the text after the next prefix that is to be masked.
fn next_key(text: &str) -> Option<(usize, usize)> {
    (0..text.len()).find_map(|at| {
        let start = at + PREFIXES.iter().find(|prefix| begins(&text.as_bytes()[at..], prefix))?.len();
        let len = text.as_bytes()[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        (len > 0).then_some((start, start + len))
    })
}

fn begins(text: &[u8], prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_masked_in_any_case_and_the_rest_stays() {
        for (text, expected) in [
            ("vmsecret1abc", "vmsecret1***"),
            ("a/VmSecret1ABC0.txt: gone", "a/VmSecret1***.txt: gone"),
            ("--x=vmsign1q,vmshare1q vmshare1p", "--x=vmsign1***,vmshare1*** vmshare1***"),
            ("'AGE-SECRET-KEY-1QPZ'", "'AGE-SECRET-KEY-1***'"),
            ("age-secret-key-pq-1qpz\n", "age-secret-key-pq-1***\n"),
            ("ävmsecret1zä", "ävmsecret1***ä"),
            ("vmsecret1vmsecret1abc", "vmsecret1***"),
            ("vmsecretvmsecret1abc", "vmsecretvmsecret1***"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_is_no_key_is_not_touched() {
        for text in
            ["", "vmsecret", "vmsecret1", "`vmsign1…` and `AGE-SECRET-KEY-1…`", "age1qpz", "vmset1abc"]
        {
            assert!(matches!(masked(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
