//! Files of custodians: what they agree to, what is public of their keys, what they are asked and answer.

use serde_json::Value;
use veilmatch::Error;
use veilmatch::container::FileType;
#[cfg(any(feature = "custodian", feature = "member"))]
use veilmatch::custody::{Ceremony, EvaluationFile, RequestFile, SignedCustody};

use super::Content;

const CEREMONY: &[u8] = b"{\n  \"format\": \"veilmatch ceremony ";
const CUSTODY: &[u8] = b"{\n  \"format\": \"veilmatch custody ";
const TOLD: &[u8] = b"veilmatch ceremony commitment ";
const DEALT: &[u8] = b"veilmatch ceremony share ";
const SEED: &[u8] = b"veilmatch ceremony seed ";
const SHARE: &[u8] = b"veilmatch custodian share ";
const LEDGER: &[u8] = b"{\"n\":1,\"previous\":";

/// Whether a text begins as one of custodians. Each of them has one spelling.
pub(super) fn is_theirs(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let begins = line.windows(10).any(|part| part == b"\"begins\":{");
    [CEREMONY, CUSTODY, TOLD, DEALT, SEED, SHARE].iter().any(|start| bytes.starts_with(start))
        || (bytes.starts_with(LEDGER) && begins)
}

/// Reads what custodians agree to or what is public of their keys. Refuses what other commands check, and says which.
pub(super) fn text(bytes: &[u8]) -> Result<(&'static str, Value, Content), Error> {
    let elsewhere = [
        (TOLD, "another file: one of step 1 of a ceremony is checked by `custodian dkg` with --step 2"),
        (DEALT, "another file: one of step 2 of a ceremony is checked by `custodian dkg` with --step 3"),
        (SEED, "a file that is no secret: this is a custodian's seed, which goes when the ceremony is over"),
        (SHARE, "a file that is no secret: this is a custodian's share, which `custodian evaluate` checks"),
        (LEDGER, "another file: a custodian's ledger is checked by `custodian reconcile`"),
    ];
    if let Some((_, expected)) = elsewhere.into_iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(Error::Format { offset: 0, expected });
    }
    public(bytes)
}

#[cfg(any(feature = "custodian", feature = "member"))]
fn public(bytes: &[u8]) -> Result<(&'static str, Value, Content), Error> {
    if bytes.starts_with(CEREMONY) {
        let ceremony = Ceremony::from_bytes(bytes)?;
        let mut fields = super::json(bytes);
        fields["digest"] = ceremony.digest().to_string().into();
        return Ok(("ceremony", fields, Content::Ceremony(Box::new(ceremony))));
    }
    let custody = SignedCustody::read(bytes)?;
    let ceremony = custody.ceremony();
    let file = super::json(bytes);
    let keys = file["keys"].as_array().into_iter().flatten().zip(ceremony.kinds());
    let keys = keys.map(|(key, of)| {
        serde_json::json!({"kind": of.kind, "quota": of.quota, "key": key["key"], "shares": key["shares"]})
    });
    let fields = serde_json::json!({
        "coalition": ceremony.coalition(),
        "epoch": ceremony.epoch(),
        "threshold": ceremony.threshold(),
        "custodians": ceremony.custodians(),
        "ceremony": ceremony.digest().to_string(),
        "generation": file["generation"],
        "keys": keys.collect::<Vec<_>>(),
        "digest": custody.digest().to_string(),
    });
    Ok(("custody", fields, Content::Custody(Box::new(custody))))
}

#[cfg(not(any(feature = "custodian", feature = "member")))]
fn public(_: &[u8]) -> Result<(&'static str, Value, Content), Error> {
    let expected = "a file that a hub reads: ceremonies and their keys are between custodians and members";
    Err(Error::Format { offset: 0, expected })
}

/// Says what is known of a ceremony.
#[cfg(any(feature = "custodian", feature = "member"))]
pub(super) fn standing_of_ceremony(ceremony: &Ceremony) -> String {
    let digest = ceremony.digest();
    format!("self-consistent, not signed; compare its digest with the other custodians': {digest}")
}

/// Says who signed what is public of custodians' keys.
#[cfg(any(feature = "custodian", feature = "member"))]
pub(super) fn standing_of_custody(custody: &SignedCustody) -> String {
    let missing: Vec<&str> = custody.missing().map(|name| name.as_str()).collect();
    match missing[..] {
        [] => {
            let digest = custody.digest();
            format!(
                "self-consistent, signed by all custodians that it names; compare its digest with theirs: {digest}"
            )
        }
        _ => format!(
            "self-consistent; it does not count yet, since these have not signed it: {}",
            missing.join(", ")
        ),
    }
}

/// Reads a request or an evaluation, every byte of it. Whether its elements are elements shows when they are evaluated or
/// unblinded.
#[cfg(any(feature = "custodian", feature = "member"))]
pub(super) fn asked(bytes: &[u8], file_type: FileType) -> Result<Content, Error> {
    let source = Box::new(bytes.to_vec());
    if file_type == FileType::Request {
        let request = RequestFile::from_source(source, "the request")?;
        let mut batches = request.batches();
        while batches.next()?.is_some() {}
        return Ok(Content::Request(Box::new(request)));
    }
    let evaluation = EvaluationFile::from_source(source, "the evaluation")?;
    let mut batches = evaluation.batches();
    while batches.next()?.is_some() {}
    Ok(Content::Evaluation(Box::new(evaluation)))
}

#[cfg(not(any(feature = "custodian", feature = "member")))]
pub(super) fn asked(_: &[u8], _: FileType) -> Result<Content, Error> {
    let expected = "a file that a hub reads: requests and evaluations are between members and custodians";
    Err(Error::Format { offset: 0, expected })
}
