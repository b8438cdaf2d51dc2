//! Everything public may be sent to and shared between threads; that it compiles is the test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const fn send_and_sync<T: Send + Sync>() {}

/// What something is sealed into.
#[cfg(feature = "seal")]
type Bytes = Vec<u8>;

/// What something sealed is read from.
#[cfg(feature = "seal")]
type Source = std::io::Empty;

/// The public rooms, each by one name.
mod rooms {
    #[cfg(all(feature = "oprf", feature = "member"))]
    pub(crate) use veilmatch::member::oprf as of_member;
    #[cfg(feature = "member")]
    pub(crate) use veilmatch::member::tokenize::bench;
    #[cfg(feature = "member")]
    pub(crate) use veilmatch::member::{
        cross_check, identifier, key, linking, profile, resolve, rows, tokenize,
    };
    pub(crate) use veilmatch::round::{handshake, log};
    #[cfg(feature = "seal")]
    pub(crate) use veilmatch::round::{identity, seal};
    pub(crate) use veilmatch::*;
}

/// Asserts it of each type when this file is compiled, and lists their names.
macro_rules! send_and_sync {
    ($($module:ident { $($name:ident $(<$($argument:tt),+>)?),+ })+) => {
        [$($({
            const { send_and_sync::<rooms::$module::$name$(<$($argument),+>)?>() };
            stringify!($name)
        }),+),+]
    };
}

#[test]
fn every_public_type_is_send_and_sync() {
    let listed = BTreeSet::from(send_and_sync! {
        container { FileHeader, FileType, OnDisk, Parent, TokenBuffer, Revision, Metadata }
        terms {
            ContentDigest, Difference, Disclosure, KeyContext, Group, Groups, KeyId, KindId, Name, PublicKeys, RoundDigest, RuleDigest, SealKey,
            Signature, SignerKey, SuppressionDigest, Terms
        }
        error { Category, Error, ParquetPlace }
        matching {
            Query<'static>, Holders<'static>, Intersection<'static>, Notice, Overlaps, PairCounts, SetRef<'static>,
            Share, StreamedShare<'static>, Tally
        }
        handshake { Handshake, Verdict }
        log {
            Appended, Digesting<u8>, Entry, FileRecord, How, InputNonce, Line, Log, Operator, Verified
        }
        prefilter { Prefilter }
        outcome { Counters, Place, Reason, RejectedCounts, Rejection }
        round { KindRules, Known, KnownKeys, Manifest, Member, Participation, Round, TrailRules }
        report { Combination, Combinations, Escaped<'static>, HolderCounts, KindReport, MemberReport, OfRound, OwnKind, OwnReport, OwnRow, PairReport, Report, TookPart }
        screen { Screen, ScreenIndex }
        set { Delta, SetBuilder<'static>, SetFile, SetHeader, TokenSet }
        token { Token }
        trail {
            Answer, Dropped, Graph<'static>, InRing, Lead, LinkedKind, Links, NewLinks, Overview, OwnPage<'static>, OwnSubject,
            OwnTrail, Missing, Period, Referral, Referred, Release, Ring, Seen, Stated, StatedSubject, Statement, Sent, Shared, Slip, Trail, Trails<'static>
        }
    });
    #[cfg(feature = "member")]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(send_and_sync! {
            cross_check { CrossCheck }
            identifier { Canonical, Canonicalizer, Description, Kind, NationalPlan, OpaqueName, Outcome, SuppressionList }
            key { CoalitionSecret, TokenKey }
            linking { LinkKeys, OwnRows<'static> }
            profile { Finding, Hint, Profile }
            resolve { Resolved, ResolvedRow }
            rows { Column, Oddities }
            tokenize { Backend, Spilled, Tokenized, Tokenizer }
            bench { Staged }
        })
        .collect();
    #[cfg(feature = "encoding")]
    let listed: BTreeSet<&str> = listed.into_iter().chain(send_and_sync! { rows { Encoding } }).collect();
    #[cfg(feature = "parquet")]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(send_and_sync! { container { ParquetCell<'static>, ParquetType } })
        .collect();
    #[cfg(all(feature = "parquet", feature = "member"))]
    let listed: BTreeSet<&str> = listed.into_iter().chain(send_and_sync! { rows { ParquetRows } }).collect();
    #[cfg(feature = "seal")]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(send_and_sync! { identity { Identity } seal { Opened<Source>, Sealer<Bytes> } })
        .chain({
            const { send_and_sync::<veilmatch::round::seal::passphrase::Passphrase>() };
            ["Passphrase"]
        })
        .collect();
    #[cfg(all(feature = "seal", feature = "member"))]
    let listed: BTreeSet<&str> =
        listed.into_iter().chain(send_and_sync! { linking { Pseudonyms } }).collect();
    #[cfg(feature = "secret-shares")]
    let listed: BTreeSet<&str> = listed.into_iter().chain(send_and_sync! { key { SecretShare } }).collect();
    #[cfg(feature = "oprf")]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(send_and_sync! { oprf { Custody, Element, Holder, Proof, PublicShare } })
        .collect();
    #[cfg(feature = "oprf")]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(send_and_sync! { custody {
            Answers<'static>, Asked<'static>, By, Ceremony, Custodian, EvaluationFile, KindQuota, PublicCustody, RequestFile, SignedCustody,
            SignedHead
        } })
        .collect();
    #[cfg(feature = "custodian")]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(send_and_sync! { custodian {
            Charge, Dkg<'static>, Done, Evaluator<'static>, Ledger, LedgerFile, Reconciled, Seed, Share, StepFile
        } })
        .collect();
    #[cfg(all(feature = "oprf", feature = "member"))]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(
            send_and_sync! { of_member { Checked, Evaluated, Evaluation<'static>, Hashed, Request, Seed } },
        )
        .collect();
    #[cfg(all(feature = "oprf", feature = "member", feature = "seal"))]
    let listed: BTreeSet<&str> = listed
        .into_iter()
        .chain(send_and_sync! { of_member { Cache<Source>, CacheOf, Pending<Source>, Tagged, Tags, Translated, Translator } })
        .collect();
    let all_features = cfg!(all(
        feature = "seal",
        feature = "secret-shares",
        feature = "encoding",
        feature = "parquet",
        feature = "custodian"
    ));
    if all_features {
        let mut missing = public_types(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        assert!(missing.len() > 30, "{missing:?}");
        missing.retain(|name| !listed.contains(name.as_str()));
        // Rows are only `Send`; what writes a file is what the writer below it is.
        let others = [
            "CsvRows",
            "EvaluationWriter",
            "ParquetWriter",
            "RequestWriter",
            "Rows",
            "SetWriter",
            "ShareWriter",
        ]
        .map(str::to_owned);
        assert_eq!(missing, BTreeSet::from(others), "public types that are not asserted above");
    }
}

/// What `src` declares as public types, those that macros make left out.
fn public_types(folder: &Path) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            types.append(&mut public_types(&path));
        } else {
            types.extend(fs::read_to_string(&path).unwrap().lines().filter_map(|line| {
                let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
                rest.split(|c: char| !c.is_alphanumeric()).next().map(str::to_owned)
            }));
        }
    }
    types
}

/// They read where the caller lets them, from a reader that need not be `Sync`.
#[cfg(feature = "member")]
#[test]
fn rows_may_be_sent() {
    const fn send<T: Send>() {}
    const { send::<veilmatch::member::rows::Rows<'static>>() };
    const { send::<veilmatch::member::rows::CsvRows<'static>>() };
}
