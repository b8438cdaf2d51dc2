//! The text of an error: what was expected, what was found, and what to do for whoever has to act.

use std::fmt;

use crate::terms::{ROUND, utc};

use super::{Error, ParquetPlace};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Name => f.write_str(
                "expected a name of 1 to 64 characters A-Z a-z 0-9 _ -, the first a letter or digit",
            ),
            Error::ReservedName => f.write_str(
                "expected a name that is no device on Windows (CON, PRN, AUX, NUL, COM0 to COM9, LPT0 to LPT9): \
                 files are named after it",
            ),
            Error::KindId => f.write_str("expected a kind id such as card.pan/1"),
            Error::UnknownKind => f.write_str("this build has no such kind or version of a kind"),
            Error::FeatureOff { kind, feature } => {
                write!(f, "this build has no {kind}: it lacks the feature `{feature}`")
            }
            Error::OpaqueName => f.write_str("expected opaque. and a name of 1 to 32 characters a-z 0-9 -"),
            Error::Epoch => f.write_str("expected an epoch of at most 2^53 - 1"),
            Error::Hex { digits } => write!(f, "expected {digits} lower-case hex digits"),
            Error::NationalPlan => {
                f.write_str("expected calling code/trunk prefix, in digits, such as 44/0, 39/ or 36/06")
            }
            Error::UnknownEncoding => {
                f.write_str("expected the name of an encoding, such as utf-8, latin1, windows-1252 or utf-16le")
            }
            Error::SuppressionList { line, expected } => {
                write!(f, "suppression list, line {line}: expected {expected}")
            }
            Error::TooFewSets { sets } => write!(f, "expected at least 2 sets to match, got {sets}"),
            Error::TooManySets { most } => write!(f, "expected at most {most} sets"),
            Error::Threshold { at_least, sets } => {
                write!(f, "expected a threshold from 1 to the number of sets, {sets}; got {at_least}")
            }
            Error::FalsePositiveRate { lowest } => {
                write!(f, "expected a false-positive rate from {lowest} to 0.5 for this layout")
            }
            Error::Metadata => f.write_str(
                "expected dates of at most 2^53 - 1 and a purpose of at most 256 printable ASCII characters",
            ),
            Error::Operator => f.write_str("expected an operator of 1 to 128 printable ASCII characters"),
            Error::Cancelled => f.write_str("cancelled by the caller"),
            Error::TermsDiffer { member, difference } => {
                write!(f, "{member} differs in the {difference}")?;
                if difference.what == ROUND {
                    f.write_str(
                        "; the manifests differ: was one edited, or is one of another round? `veilmatch inspect \
                         FILE` shows a manifest's digest; compare it by telephone",
                    )?;
                }
                Ok(())
            }
            Error::MembersDiffer { what, groups } => write!(f, "members differ in the {what}: {groups}"),
            Error::DuplicateMember { member } => {
                write!(f, "member {member} is there twice (names are compared ignoring case)")
            }
            Error::NotAMember { member } => write!(f, "{member} has no set in this match"),
            Error::WrongRecipient { recipient, member } => {
                write!(f, "made for {recipient}, not for {member}")
            }
            Error::RowsDiffer { member } => {
                write!(f, "the share was made from another set of {member} than these rows give")
            }
            Error::StrangeTokens { member, tokens } => write!(
                f,
                "{tokens} tokens of the share are not in the set of {member} that was matched: the hub is at fault"
            ),
            Error::StrangeTrail { member, subjects, tokens } => write!(
                f,
                "{subjects} subjects and {tokens} identifiers of the answer are not in these rows of {member}: expected the \
                 rows, the column of subjects and the identity of which the links were made; if they are, the hub is at fault"
            ),
            Error::Recounted { expected, found } => {
                write!(f, "expected {expected} tokens, as were counted before, got {found}")
            }
            Error::OtherMember { expected, found } => {
                write!(f, "expected a set of {expected}, got one of {found}")
            }
            // Roots are not shown: whoever has the secret could compare a root with guesses of what a small set holds.
            Error::WrongBase { .. } => f.write_str("made against another set than the one that is there"),
            Error::Rollback { kept, found } => {
                write!(f, "the set that is there has sequence number {kept}; {found} is not newer")
            }
            Error::SequenceGap { expected, found } => {
                write!(f, "expected sequence number {expected}, got {found}: what is between them is missing")
            }
            Error::Older { kept, found } => {
                write!(f, "made at {}, before the one in use, of {}", Time(*found), Time(*kept))
            }
            Error::NotInBase { tokens, first } => {
                write!(
                    f,
                    "the delta retracts {tokens} tokens that its base does not have, the first at {first}"
                )
            }
            Error::AlreadyInBase { tokens, first } => {
                write!(f, "the delta adds {tokens} tokens that its base has, the first at {first}")
            }
            Error::WrongResult { .. } => f.write_str(
                "the delta makes another set than it says: the root of its result is not the one named",
            ),
            Error::PrefilterOfOther { member } => {
                write!(f, "the prefilter was not built from the set of {member} that it was given for")
            }
            Error::Manifest { expected } => write!(f, "not a manifest of a round: expected {expected}"),
            Error::ShareOfRound { expected } => {
                write!(f, "the hub did not keep to the manifest: expected {expected}")
            }
            Error::Oprf { at: Some(at), expected } => write!(f, "element {at}: expected {expected}"),
            Error::Oprf { at: None, expected } => write!(f, "expected {expected}"),
            Error::Cache { expected } => write!(f, "expected {expected}"),
            Error::NotEvaluated { identifiers } => write!(
                f,
                "{identifiers} identifiers of these rows are not in the cache: expected custodians to have evaluated them \
                 (blind, then unblind)"
            ),
            Error::Quota { member, kind, asked, left, most } => write!(
                f,
                "{member}, {kind}: the request has {asked} identifiers, and {left} are left of the {most} that this custodian \
                 evaluates for the member in the epoch"
            ),
            Error::Ledger { line, problem } => write!(f, "the custodian's ledger: line {line} {problem}"),
            Error::Custody { expected } => write!(f, "custodians: expected {expected}"),
            Error::Trail { expected } => write!(f, "not of the trails of this round: expected {expected}"),
            Error::RoundDiffers { expected, found } => {
                write!(f, "another manifest than the one agreed: expected digest {expected}, got {found}")
            }
            Error::Identity { problem } => write!(f, "keys: {problem}"),
            Error::SigningKey { key, problem } => {
                write!(f, "signing key {key} {problem}; expected one that keygen --identity makes")
            }
            Error::CrossCheck { problem } => write!(f, "cross-check: {problem}"),
            Error::Known { line, expected } => write!(f, "known keys, line {line}: expected {expected}"),
            Error::KnownDiffers { who, which, expected, found } => write!(
                f,
                "another {which} key of {who} than the one known: expected {expected}, got {found}; ask {who} over another \
                 channel, and if the key was changed remove its line from the known keys"
            ),
            Error::KnownAsOther { who, which, known } => write!(
                f,
                "the {which} key of {who} is known as that of {known}; ask both over another channel, and if a name was \
                 changed remove the line of {known} from the known keys"
            ),
            Error::Seal { problem } => write!(f, "seal: {problem}"),
            Error::Passphrase { problem } => write!(f, "passphrase: {problem}"),
            Error::KindNotInRound { kind } => write!(
                f,
                "kind {} is not in this round: expected a kind that its manifest lists (inspect shows them)",
                Plain(kind.as_str())
            ),
            Error::NotInRound { member } => write!(
                f,
                "{} is not a member of this round: expected a name that its manifest lists (inspect shows them)",
                Plain(member.as_str())
            ),
            Error::NotBrought { member, kind } => {
                write!(f, "{member} brings no set of {kind} in this round, as the manifest has it")
            }
            Error::OutsideDates { bound, over: true } => {
                write!(f, "the round ended at {}", Time(*bound))
            }
            Error::OutsideDates { bound, over: false } => {
                write!(f, "the round begins at {}", Time(*bound))
            }
            Error::FileDates { bound, over: true } => {
                write!(f, "not to be used after {}, as the file says", Time(*bound))
            }
            Error::FileDates { bound, over: false } => {
                write!(f, "not to be used before {}, as the file says", Time(*bound))
            }
            Error::FromFuture { created, now } => write!(
                f,
                "expected a file made by now, {}, got one made at {}: is a clock wrong, its maker's or this one?",
                Time(*now),
                Time(*created)
            ),
            Error::Unsigned { by } => write!(f, "not signed: this round asks for the signature of {by}"),
            Error::WrongSigner { by, key } => {
                write!(f, "signed with key {key}, which is not the key of {by} in this round")
            }
            Error::Signature { key } => {
                write!(f, "the signature was not made by the key that the file names, {key}")
            }
            Error::NoHandshake { member } => write!(f, "{member} brought no handshake of this kind"),
            Error::TokensDiffer { member } => write!(
                f,
                "{member} makes other tokens than the others under the same key id: its token key is wrong, though \
                 its key id is right"
            ),
            Error::HandshakeLength { member, tokens, least, most } => {
                write!(
                    f,
                    "the handshake of {member} has {tokens} tokens; the self-test table of its kind gives "
                )?;
                if least == most { write!(f, "{most}") } else { write!(f, "at most {most}") }
            }
            Error::SetSize { member, tokens, most } => {
                write!(f, "the set of {member} has {tokens} tokens; this round allows {most}")
            }
            Error::MissingColumn { columns } => {
                write!(f, "the input has no such column; it has {columns}")?;
                if *columns == 1 {
                    f.write_str(" (of CSV: is the delimiter a comma?)")?;
                }
                Ok(())
            }
            Error::RepeatedColumn => f.write_str("the input has that column more than once"),
            Error::RecordTooLong { row, limit } => {
                write!(f, "the CSV record at row {row} is longer than {limit} bytes; is a quote left open?")
            }
            Error::HeaderIsRow { kind } => write!(
                f,
                "the header's cell of this column is what a row of {kind} has there; expected --no-header for an export \
                 without a header, or else the column by its name; of Parquet, the table was made from such an export"
            ),
            Error::NoHeader => f.write_str(
                "expected a column by its number, from 1: the export has no header that would name it",
            ),
            Error::OpenQuote { row } => {
                write!(f, "the quote that {} opens is never closed; {QUOTES}", In(*row))
            }
            Error::TextAfterQuote { row } => {
                write!(
                    f,
                    "expected a delimiter or line end behind the closing quote of a field in {}, got text; {QUOTES}",
                    In(*row)
                )
            }
            Error::QuoteInField { row } => {
                write!(
                    f,
                    "expected no quote within a field that begins without one, got one in {}; {QUOTES}",
                    In(*row)
                )
            }
            Error::QuotedLines { row, most } => write!(
                f,
                "a quoted field that begins in {} spans more than {most} lines; is a quote left open? if not, \
                 --quoted-lines allows more",
                In(*row)
            ),
            Error::Delimiter => f.write_str("expected a delimiter that is neither a quote nor a line end"),
            Error::Encoding { problem } => write!(f, "encoding: {problem}"),
            Error::Undecodable { encoding, offset } => write!(
                f,
                "expected {encoding}, got bytes that are no text in it at offset {offset}: is it another encoding?"
            ),
            Error::RowCount { expected, found } => write!(
                f,
                "expected {expected} rows, got {found}: is it the right input, and all of it?"
            ),
            Error::Parquet { place: None, problem } => write!(f, "Parquet: {problem}"),
            Error::Parquet { place: Some(place), problem } => {
                let ParquetPlace { row_group, first_row, column } = place;
                write!(f, "Parquet: row group {row_group}, from row {first_row} on, column {column:?}: {problem}")
            }
            Error::ColumnType { column, found } => write!(
                f,
                "expected text or bytes in column {column:?}, got {found}: cast it where the file is written"
            ),
            Error::Secret { problem } => write!(f, "secret: {problem}"),
            Error::SecretShares { problem } => write!(f, "shares of a secret: {problem}"),
            Error::TooFewSecretShares { threshold, shares } => {
                write!(f, "expected at least {threshold} shares of the secret, got {shares}")
            }
            Error::SelfTest => {
                f.write_str("the tokeniser does not compute HMAC-SHA-256 correctly on this machine")
            }
            Error::UnknownBackend => f.write_str("expected portable, sha-ni, avx2 or avx512"),
            Error::Backend { backend, problem } => write!(f, "back end {backend}: {problem}"),
            Error::Random => f.write_str("the operating system gave no random bytes"),
            Error::Format { offset, expected } => {
                write!(f, "not a valid file: at byte {offset} expected {expected}")
            }
            Error::Log { line, problem } => write!(f, "line {line} of the log {problem}"),
            Error::LogUnvouched { first, last } => write!(
                f,
                "expected the log to end in a line of the key that signs now, got lines {first} to {last} that it did \
                 not sign"
            ),
            Error::Io(error) => write!(f, "{error}"),
            Error::At { what, source } => write!(f, "{what}: {source}"),
        }
    }
}

/// What a user can do about quotes that RFC 4180 does not allow.
const QUOTES: &str = "quotes are as in RFC 4180; --no-quotes takes them for text";

/// Writes a row by its number, or the header.
struct In(u64);

impl fmt::Display for In {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("the header"),
            row => write!(f, "row {row}"),
        }
    }
}

/// The most digits in a row of a name that is shown.
const MOST_DIGITS: usize = 4;

/// Writes a name that somebody typed, or a mask if it may be an identifier, such as a card number.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.split(|character: char| !character.is_ascii_digit()).map(str::len).max();
        match digits <= Some(MOST_DIGITS) {
            true => f.write_str(self.0),
            false => f.write_str("***"),
        }
    }
}

/// Writes seconds since 1970 as people read them.
struct Time(u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match utc::format(self.0) {
            Some(text) => f.write_str(&text),
            None => write!(f, "{} seconds since 1970", self.0),
        }
    }
}
