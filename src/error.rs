//! The one error type: what was expected, what was found, which member, file, row or offset.
//!
//! An [`Error`] stops the call. A bad row does not stop it: it is a [`Rejection`](crate::Rejection). No message and no
//! debug form carries a raw value, a canonical form, a token or key bytes.

mod category;
mod causes;
mod code;
mod mask;
mod parquet_place;
mod text;

use std::io;
use std::sync::Arc;

use crate::terms::{ContentDigest, Difference, Groups, KindId, Name, RoundDigest, SignerKey};

pub use category::Category;
pub use mask::masked;
pub use parquet_place::ParquetPlace;

/// The reason why a call could not be completed.
///
/// ```
/// use veilmatch::error::Category;
/// use veilmatch::terms::Name;
///
/// let error = Name::new("bank a").unwrap_err().at("members.txt");
/// assert_eq!((error.category(), error.code()), (Category::Argument, "name"));
/// assert!(error.to_string().starts_with("members.txt: expected a name"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    // The caller's own arguments.
    /// A coalition or member name outside `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`.
    Name,
    /// A name that Windows takes for a device, such as `NUL`.
    ReservedName,
    /// A kind id that is not of the form `word.word/version`.
    KindId,
    /// A kind or version that this build does not have.
    UnknownKind,
    /// A kind that this build lacks because a feature is off.
    FeatureOff {
        /// The id of the kind.
        kind: &'static str,
        /// The feature that brings it.
        feature: &'static str,
    },
    /// A name of an opaque kind outside `[a-z0-9-]{1,32}`.
    OpaqueName,
    /// An epoch over 2⁵³ − 1.
    Epoch,
    /// Text that should be lower-case hex of a fixed length.
    Hex {
        /// Number of digits that were expected.
        digits: usize,
    },
    /// A national dialling plan that is not `calling code/trunk prefix`.
    NationalPlan,
    /// A label of an encoding that the WHATWG Encoding Standard does not have.
    UnknownEncoding,
    /// A suppression list with an invalid line.
    SuppressionList {
        /// Number of the line, from 1.
        line: usize,
        /// What was expected there.
        expected: &'static str,
    },
    /// A match of fewer than two sets.
    TooFewSets {
        /// Number of sets that there were.
        sets: usize,
    },
    /// A match of more sets than a holder's number can count.
    TooManySets {
        /// The most sets that are possible.
        most: usize,
    },
    /// A threshold outside 1 to the number of sets.
    Threshold {
        /// The threshold asked for.
        at_least: usize,
        /// The number of sets.
        sets: usize,
    },
    /// A false-positive rate that the layout of a prefilter does not offer.
    FalsePositiveRate {
        /// The lowest rate that it offers; the highest is 0.5.
        lowest: f64,
    },
    /// A date over 2⁵³ − 1 or a purpose that a file header cannot hold.
    Metadata,
    /// An operator that a log cannot hold.
    Operator,
    /// The caller asked to stop.
    Cancelled,

    // What members brought.
    /// A set or share made under other terms than those it is to be used with.
    TermsDiffer {
        /// Member that made the set.
        member: Name,
        /// The term that differs, with both values.
        difference: Difference,
    },
    /// Members whose sets or handshakes are not made under the same terms. The error does not say who is wrong.
    MembersDiffer {
        /// The term that differs, for example `key id (the secret)`.
        what: &'static str,
        /// The members that have each value.
        groups: Arc<Groups>,
    },
    /// Two sets of the same member (names are compared ignoring case).
    DuplicateMember {
        /// The member with two sets.
        member: Name,
    },
    /// A member that takes no part in the match.
    NotAMember {
        /// The name asked for.
        member: Name,
    },
    /// A share that was made for another member.
    WrongRecipient {
        /// The member that the share is for.
        recipient: Name,
        /// The member that tried to use it.
        member: Name,
    },
    /// Rows that do not give the set that the hub matched.
    RowsDiffer {
        /// The member whose rows they are.
        member: Name,
    },
    /// A share with tokens that are not in the set that it says it was made from.
    StrangeTokens {
        /// The member whose share it is.
        member: Name,
        /// Number of such tokens.
        tokens: u64,
    },
    /// An answer about trails with subjects or identifiers that the member's rows do not have.
    StrangeTrail {
        /// The member whose answer it is.
        member: Name,
        /// Number of such subjects.
        subjects: u64,
        /// Number of such identifiers.
        tokens: u64,
    },
    /// A blinded identifier, an evaluation, a proof or a custodian's key that is not as RFC 9497 or the threshold wants it.
    Oprf {
        /// Which element it is, counted from 0, where it is about one.
        at: Option<u64>,
        /// What was expected.
        expected: &'static str,
    },
    /// A member's cache, or what is pending there, that does not fit what it is used with.
    Cache {
        /// What was expected.
        expected: &'static str,
    },
    /// Identifiers that no custodians have evaluated for this member.
    NotEvaluated {
        /// Number of different identifiers.
        identifiers: u64,
    },
    /// A ceremony, a file of it or of custodians' keys that is not as it must be. [`Error::At`] says whose it is.
    Custody {
        /// What was expected.
        expected: &'static str,
    },
    /// A request of more elements than its member has left with this custodian.
    Quota {
        /// The member that asks.
        member: Name,
        /// The kind.
        kind: KindId,
        /// Number of elements of the request.
        asked: u64,
        /// Number of elements that are left.
        left: u64,
        /// Most elements that this custodian evaluates for the member in the epoch.
        most: u64,
    },
    /// A custodian's ledger that is broken, another one, or an older state of it.
    Ledger {
        /// Number of the line, from 1. For a line that is missing, it is one more than the number of lines.
        line: u64,
        /// The problem.
        problem: &'static str,
    },
    /// Another number of tokens than was counted before they were written.
    Recounted {
        /// Number of tokens that was counted.
        expected: u64,
        /// Number of tokens that was written.
        found: u64,
    },
    /// A set of another member than the one whose delta or earlier set it is used with.
    OtherMember {
        /// The member whose set was expected.
        expected: Name,
        /// The member whose set it is.
        found: Name,
    },
    /// A base that is not the set that was named: by the set that follows it, or by the delta that was made against it.
    WrongBase {
        /// The root that was named.
        expected: ContentDigest,
        /// The root of the set.
        found: ContentDigest,
    },
    /// A set or delta that is not newer than the set that is there.
    Rollback {
        /// Sequence number of the set that is there.
        kept: u64,
        /// Sequence number of the set or delta that should follow it.
        found: u64,
    },
    /// A set or delta that leaves out one before it.
    SequenceGap {
        /// The sequence number that comes next.
        expected: u64,
        /// The sequence number that was found.
        found: u64,
    },
    /// A file that was made before the one that is in use.
    Older {
        /// When the file in use was made, in seconds since 1970.
        kept: u64,
        /// When the other file was made.
        found: u64,
    },
    /// A delta that retracts tokens which its base does not have.
    NotInBase {
        /// Number of such tokens.
        tokens: u64,
        /// Position of the first such token among those that the delta retracts, counted from 1.
        first: u64,
    },
    /// A delta that adds tokens which its base has.
    AlreadyInBase {
        /// Number of such tokens.
        tokens: u64,
        /// Position of the first such token among those that the delta adds, counted from 1.
        first: u64,
    },
    /// A delta that makes another set of its base than the one it names.
    WrongResult {
        /// The root that it names.
        expected: ContentDigest,
        /// The root of the set that it made.
        found: ContentDigest,
    },
    /// A prefilter that belongs to another set.
    PrefilterOfOther {
        /// The member whose set it was given for.
        member: Name,
    },

    // Rounds.
    /// A manifest that no round can have.
    Manifest {
        /// What was expected.
        expected: &'static str,
    },
    /// A key file or public keys that cannot be used, or that are missing.
    Identity {
        /// The problem.
        problem: &'static str,
    },
    /// A signing key under which a signature would say nothing.
    SigningKey {
        /// The key.
        key: SignerKey,
        /// The problem.
        problem: &'static str,
    },
    /// A cross-check that cannot be made.
    CrossCheck {
        /// The problem.
        problem: &'static str,
    },
    /// A file of known keys with an invalid line.
    Known {
        /// Number of the line, from 1.
        line: u64,
        /// What was expected there.
        expected: &'static str,
    },
    /// A name with another key than the one that is known.
    KnownDiffers {
        /// Member or hub whose key it is.
        who: String,
        /// The name of the key: `sign` or `seal`.
        which: &'static str,
        /// The public key that is known.
        expected: String,
        /// The public key in question.
        found: String,
    },
    /// A key that is known under another name.
    KnownAsOther {
        /// Member or hub that is said to have the key.
        who: String,
        /// The name of the key: `sign` or `seal`.
        which: &'static str,
        /// Member or hub that is known to have it.
        known: String,
    },
    /// A file that cannot be sealed, or opened.
    Seal {
        /// The problem.
        problem: &'static str,
    },
    /// A passphrase, or the file that it protects, is not as it must be.
    Passphrase {
        /// The problem, without a word of the passphrase.
        problem: &'static str,
    },
    /// A share that the round cannot have, though the hub made it.
    ShareOfRound {
        /// What was expected.
        expected: &'static str,
    },
    /// Links, a trail, a slip or a statement that the round cannot have.
    Trail {
        /// What was expected.
        expected: &'static str,
    },
    /// Another manifest than the one that was agreed.
    RoundDiffers {
        /// Digest of the manifest that was agreed.
        expected: RoundDigest,
        /// Digest of the manifest that was given.
        found: RoundDigest,
    },
    /// A kind that is not matched in the round.
    KindNotInRound {
        /// The kind.
        kind: KindId,
    },
    /// A name that no member of the round has.
    NotInRound {
        /// The name.
        member: Name,
    },
    /// A file of a kind that its member does not bring, or a wish to go on without such a file.
    NotBrought {
        /// The member.
        member: Name,
        /// The kind.
        kind: KindId,
    },
    /// A round used before or after its dates.
    OutsideDates {
        /// The date that was passed or not reached, in seconds since 1970.
        bound: u64,
        /// Whether that date is the last one.
        over: bool,
    },
    /// A file used before or after its own dates.
    FileDates {
        /// The date that was passed or not reached, in seconds since 1970.
        bound: u64,
        /// Whether that date is the last one.
        over: bool,
    },
    /// A file that says it was made later than now, by more than clocks may differ.
    FromFuture {
        /// When the file says it was made, in seconds since 1970.
        created: u64,
        /// The present time by this machine's clock.
        now: u64,
    },
    /// A file without a signature in a round in which all are signed.
    Unsigned {
        /// Member or hub whose signature was expected.
        by: String,
    },
    /// A file signed by another key than the round lists for its maker.
    WrongSigner {
        /// Member or hub whose signature was expected.
        by: String,
        /// The key that signed.
        key: SignerKey,
    },
    /// A signature that its key did not make.
    Signature {
        /// The key that the file names.
        key: SignerKey,
    },
    /// A member that brought no handshake.
    NoHandshake {
        /// The member.
        member: Name,
    },
    /// Tokens that differ from those of the other members for the same identifiers, under the same terms.
    TokensDiffer {
        /// The member.
        member: Name,
    },
    /// A handshake of another length than the self-test table of its kind gives.
    HandshakeLength {
        /// The member whose handshake it is.
        member: Name,
        /// Number of its tokens.
        tokens: u64,
        /// The fewest tokens that the table gives, under whatever suppression list the round has.
        least: u64,
        /// The most tokens that the table gives.
        most: u64,
    },
    /// A set of a size that the round does not allow.
    SetSize {
        /// The member whose set it is.
        member: Name,
        /// Number of its tokens.
        tokens: u64,
        /// The most tokens that are allowed.
        most: u64,
    },

    // Input rows.
    /// A CSV header, or a Parquet file, without the column; or an export without a header line.
    MissingColumn {
        /// Number of columns that there are.
        columns: usize,
    },
    /// A CSV header, or a Parquet file, that has the column more than once.
    RepeatedColumn,
    /// A CSV record longer than the bound: most often an unclosed quote.
    RecordTooLong {
        /// Number of the row, from 1; 0 is the header.
        row: u64,
        /// The bound in bytes.
        limit: usize,
    },

    /// A CSV header whose cell is a valid value of a row. Either the export has no header, or the column must be given
    /// by its name.
    HeaderIsRow {
        /// The kind that the row would have.
        kind: KindId,
    },
    /// A CSV export without a header, where the column is given by its name, or by the number 0.
    NoHeader,
    /// A quote of a CSV export that is still open at the end.
    OpenQuote {
        /// Number of the row in which it was opened, from 1; 0 is the header.
        row: u64,
    },
    /// Text behind the closing quote of a CSV field.
    TextAfterQuote {
        /// Number of the row, from 1; 0 is the header.
        row: u64,
    },
    /// A quote in a CSV field that does not begin with one.
    QuoteInField {
        /// Number of the row, from 1; 0 is the header.
        row: u64,
    },
    /// A quoted CSV field that spans more lines than are allowed: most often an unclosed quote.
    QuotedLines {
        /// Number of the row in which it begins, from 1; 0 is the header.
        row: u64,
        /// The most lines that are allowed.
        most: u32,
    },
    /// A delimiter of CSV fields that is a quote or a line end.
    Delimiter,
    /// An input that begins unlike any text that can be read: every value would be another than was meant.
    Encoding {
        /// What was expected and found.
        problem: &'static str,
    },
    /// Bytes that are no text in the encoding that the input was said to have.
    Undecodable {
        /// Name of the encoding in the WHATWG Encoding Standard.
        encoding: &'static str,
        /// Offset of the first such byte in the input.
        offset: u64,
    },
    /// A number of rows other than the caller expected.
    RowCount {
        /// Number of rows that was expected.
        expected: u64,
        /// Number of rows that was read.
        found: u64,
    },
    /// A Parquet file that is damaged, or that this build cannot read.
    Parquet {
        /// Where the fault shows, if that is known.
        place: Option<ParquetPlace>,
        /// The problem.
        problem: &'static str,
    },
    /// A column of a Parquet file that does not hold text.
    ColumnType {
        /// Name of the column.
        column: String,
        /// Its type, as Parquet names it.
        found: String,
    },

    // Keys.
    /// A secret file that cannot be used.
    Secret {
        /// The problem.
        problem: &'static str,
    },
    /// Shares of a secret that cannot be made, read or combined.
    SecretShares {
        /// The problem.
        problem: &'static str,
    },
    /// Too few shares to restore a secret.
    TooFewSecretShares {
        /// Number of shares that restore it.
        threshold: u8,
        /// Number of shares that there were.
        shares: usize,
    },
    /// The tokeniser failed its known-answer test.
    SelfTest,
    /// A name that belongs to no back end of the tokeniser.
    UnknownBackend,
    /// A back end of the tokeniser that cannot be used on this machine.
    Backend {
        /// The name of the back end.
        backend: &'static str,
        /// Why it cannot be used.
        problem: &'static str,
    },
    /// The operating system gave no random bytes.
    Random,

    // Files.
    /// Bytes that are not a valid file of this format.
    Format {
        /// Offset in bytes at which the fault shows.
        offset: u64,
        /// What was expected there.
        expected: &'static str,
    },
    /// A log with a line that was not written there, or a line that the log cannot take.
    Log {
        /// Number of the line, from 1. For a line that is missing, it is one more than the number of lines.
        line: u64,
        /// The problem.
        problem: &'static str,
    },
    /// A log whose last lines were not signed by the key that is to sign the next line.
    LogUnvouched {
        /// Number of the first such line, from 1.
        first: u64,
        /// Number of the last such line.
        last: u64,
    },
    /// Reading or writing failed.
    Io(io::Error),
    /// An error while working on something that has a name, such as a file.
    At {
        /// The file, member or step.
        what: String,
        /// The error there.
        source: Box<Error>,
    },
}
