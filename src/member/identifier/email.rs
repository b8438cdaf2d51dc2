//! `email.strict/1` and `email.mailbox/1`: an e-mail address (RFC 5321, RFC 5322, UTS 46).
//!
//! The local part is lower-cased as ASCII. Outside ASCII it is rejected, because composed and decomposed spellings
//! would split. The domain is brought to ASCII by UTS 46 (non-transitional, STD3, CheckBidi, CheckJoiners,
//! VerifyDnsLength), without its final dot. A mailbox at Gmail loses dots and tag as well; no other provider's rules
//! are stable enough for that.

use crate::outcome::Reason;

use super::domain_name::{extend_lower, write_domain};
use super::words::{bits, within, word};
use super::{Canonical, Note};

/// Longest address: a path of 256 octets (RFC 5321 section 4.5.3.1.3) less its angle brackets.
const MAX_ADDRESS: usize = 254;
/// Longest local part (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

pub(super) fn canonicalize_strict(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    let (local, domain) = value.split_once('@').ok_or(Reason::NoAtSign)?;
    if domain.contains('@') {
        return Err(Reason::SeveralAtSigns);
    }
    if !local.is_ascii() {
        return Err(Reason::NonAsciiLocalPart);
    }
    if !is_local_part(local.as_bytes()) {
        return Err(Reason::LocalPart);
    }
    extend_lower(local.as_bytes(), out)?;
    out.push(b'@')?;
    write_domain(domain, out)?;
    if out.as_bytes().len() > MAX_ADDRESS {
        return Err(Reason::TooLong);
    }
    Ok(Note { changed: out.as_bytes() != value.as_bytes(), warning: false })
}

pub(super) fn canonicalize_mailbox(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    canonicalize_strict(value, out)?;
    fold_gmail(out)?;
    Ok(Note { changed: out.as_bytes() != value.as_bytes(), warning: false })
}

/// Decides the values that [`usual_strict`] decides.
#[inline]
pub(super) fn usual_mailbox(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    let note = usual_strict(value, out)?;
    let end = value.last_chunk::<8>()?.map(|byte| byte | 0x20); // `.` has that bit too
    if end != *b"mail.com" {
        return Some(note);
    }
    let folded = note.and_then(|_| fold_gmail(out));
    Some(folded.map(|()| Note { changed: out.as_bytes() != value, warning: false }))
}

/// Decides values of letters, digits and hyphens, `_` and `+` in the local part, and single dots; at most 62 bytes in
/// all, so that no part is too long.
#[inline]
pub(super) fn usual_strict(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    const LONGEST: usize = 62;
    if !(8..=LONGEST).contains(&value.len()) {
        return None;
    }
    // The places of each, a bit each.
    let (mut at, mut dots, mut hyphens, mut local_only, mut sound) = (0, 0, 0, 0, 0);
    let mut capitals = 0;
    for place in 0..value.len().div_ceil(8) {
        let word = word(value, place)?;
        let is = |byte| within(word, byte, byte);
        let capital = within(word, b'A', b'Z');
        let word_at = is(b'@');
        let word_dots = is(b'.');
        let word_hyphens = is(b'-');
        let word_local = is(b'_') | is(b'+');
        let alphanumeric = capital | within(word, b'a', b'z') | within(word, b'0', b'9');
        out.set_word(place, word | capital >> 2); // lower case has the bit 0x20
        capitals |= capital;
        at |= bits(word_at) << (8 * place);
        dots |= bits(word_dots) << (8 * place);
        hyphens |= bits(word_hyphens) << (8 * place);
        local_only |= bits(word_local) << (8 * place);
        sound |= bits(alphanumeric | word_at | word_dots | word_hyphens | word_local) << (8 * place);
    }
    let past_the_end = 1u64 << value.len();
    // Before the first part, between parts, after the last.
    let bounds = 1 | (at | dots | past_the_end) << 1;
    let in_domain = at.wrapping_neg();
    let usual = sound == past_the_end - 1
        && at.is_power_of_two()
        && bounds & bounds << 1 == 0
        && in_domain & (local_only | hyphens & hyphens << 1) == 0; // `--` may be Punycode
    if !usual {
        out.clear_first_block();
        return None;
    }
    out.set_len(value.len());
    Some(Ok(Note { changed: capitals != 0, warning: false }))
}

/// Folds mailboxes at Gmail: whatever the dots and the tag, Gmail delivers to one mailbox, under both of its domains.
fn fold_gmail(out: &mut Canonical) -> Result<(), Reason> {
    let Some(at) = out.as_bytes().iter().position(|byte| *byte == b'@') else {
        return Err(Reason::NoAtSign);
    };
    if !matches!(&out.as_bytes()[at + 1..], b"gmail.com" | b"googlemail.com") {
        return Ok(());
    }
    let mut kept = 0u8;
    for place in 0..at {
        match out.bytes[place] {
            b'+' => break,
            b'.' => {}
            byte => {
                out.bytes[usize::from(kept)] = byte;
                kept += 1;
            }
        }
    }
    if kept == 0 {
        return Err(Reason::LocalPart);
    }
    out.truncate(kept);
    out.extend(b"@gmail.com")
}

/// Whether it is a `dot-atom-text` (RFC 5322 section 3.2.3). Quoted local parts are left out: hardly any provider has
/// them.
fn is_local_part(local: &[u8]) -> bool {
    let atext = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(b);
    local.len() <= MAX_LOCAL
        && local.split(|b| *b == b'.').all(|atom| !atom.is_empty() && atom.iter().all(atext))
}
