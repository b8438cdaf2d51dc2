//! What an error is about.

use super::Error;

/// What an error is about: a caller decides by this before it looks at the code.
///
/// ```
/// use veilmatch::error::Category;
///
/// let error = veilmatch::terms::Name::new("a b").unwrap_err();
/// assert_eq!((error.category(), error.code()), (Category::Argument, "name"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// What the caller passed: a name, a threshold, a plan, a feature that is off. Or the caller stopped the work.
    Argument,
    /// Sets or members that differ in secret, rules, suppression list or round.
    Terms,
    /// A file that somebody else made: damaged, forged, or not the one that was expected.
    PeerFile,
    /// The manifest, and what it forbids.
    Round,
    /// An input of raw values.
    Rows,
    /// Secrets, key files and passphrases.
    Key,
    /// Reading and writing, and what the operating system and the machine provide.
    Io,
}

impl Error {
    /// Returns what the error is about. Where a place is attached, it is the category of the cause.
    pub fn category(&self) -> Category {
        match self {
            Error::Name
            | Error::ReservedName
            | Error::KindId
            | Error::UnknownKind
            | Error::FeatureOff { .. }
            | Error::OpaqueName
            | Error::Epoch
            | Error::Hex { .. }
            | Error::NationalPlan
            | Error::UnknownEncoding
            | Error::SuppressionList { .. }
            | Error::TooFewSets { .. }
            | Error::TooManySets { .. }
            | Error::Threshold { .. }
            | Error::FalsePositiveRate { .. }
            | Error::Metadata
            | Error::Operator
            | Error::Cancelled
            | Error::DuplicateMember { .. }
            | Error::NotAMember { .. }
            | Error::PrefilterOfOther { .. }
            | Error::CrossCheck { .. }
            | Error::UnknownBackend => Category::Argument,
            Error::TermsDiffer { .. } | Error::MembersDiffer { .. } | Error::TokensDiffer { .. } => {
                Category::Terms
            }
            Error::WrongRecipient { .. }
            | Error::RowsDiffer { .. }
            | Error::StrangeTokens { .. }
            | Error::StrangeTrail { .. }
            | Error::Oprf { .. }
            | Error::Cache { .. }
            | Error::Custody { .. }
            | Error::Ledger { .. }
            | Error::Recounted { .. }
            | Error::OtherMember { .. }
            | Error::WrongBase { .. }
            | Error::Rollback { .. }
            | Error::SequenceGap { .. }
            | Error::Older { .. }
            | Error::NotInBase { .. }
            | Error::AlreadyInBase { .. }
            | Error::WrongResult { .. }
            | Error::FileDates { .. }
            | Error::FromFuture { .. }
            | Error::Unsigned { .. }
            | Error::WrongSigner { .. }
            | Error::Signature { .. }
            | Error::HandshakeLength { .. }
            | Error::Format { .. }
            | Error::Log { .. }
            | Error::LogUnvouched { .. } => Category::PeerFile,
            Error::Manifest { .. }
            | Error::ShareOfRound { .. }
            | Error::Trail { .. }
            | Error::RoundDiffers { .. }
            | Error::Known { .. }
            | Error::KnownDiffers { .. }
            | Error::KnownAsOther { .. }
            | Error::KindNotInRound { .. }
            | Error::NotInRound { .. }
            | Error::NotBrought { .. }
            | Error::OutsideDates { .. }
            | Error::NoHandshake { .. }
            | Error::Quota { .. }
            | Error::SetSize { .. } => Category::Round,
            Error::MissingColumn { .. }
            | Error::RepeatedColumn
            | Error::RecordTooLong { .. }
            | Error::HeaderIsRow { .. }
            | Error::NoHeader
            | Error::OpenQuote { .. }
            | Error::TextAfterQuote { .. }
            | Error::QuoteInField { .. }
            | Error::QuotedLines { .. }
            | Error::Delimiter
            | Error::Encoding { .. }
            | Error::Undecodable { .. }
            | Error::RowCount { .. }
            | Error::Parquet { .. }
            | Error::ColumnType { .. }
            | Error::NotEvaluated { .. } => Category::Rows,
            Error::Identity { .. }
            | Error::SigningKey { .. }
            | Error::Seal { .. }
            | Error::Passphrase { .. }
            | Error::Secret { .. }
            | Error::SecretShares { .. }
            | Error::TooFewSecretShares { .. } => Category::Key,
            Error::SelfTest | Error::Backend { .. } | Error::Random | Error::Io(_) => Category::Io,
            Error::At { source, .. } => source.category(),
        }
    }
}
