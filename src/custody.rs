//! Custodians, as members and hub see them: who they are, what of their keys is public, and what they are asked. Needs the
//! feature `oprf`.
//!
//! Custodians agree to a [`Ceremony`] and make a key among them for each of its kinds, which nobody has alone. What is public of
//! it is a [`PublicCustody`], the file `custody.json`, which all of them sign. Members need it to ask and to check answers
//! (SPEC.md, section 16.1).
//!
//! A member sends one request of a kind, the same bytes to every custodian, each time sealed to that custodian. A custodian
//! answers with an evaluation, sealed to the member. Both are files of the common layout, signed, and bound to the round,
//! kind, member and custodians' key. They are written and read batch by batch, in bounded memory.
//!
//! ```
//! # use veilmatch::terms::{Name, Terms, CustodyDigest, ContentDigest, RoundDigest, Signature};
//! # let terms = Terms { round: Some(RoundDigest([1; 32])), ..Terms::example() };
//! # let custody = CustodyDigest([2; 32]);
//! # let identity = veilmatch::round::identity::Identity::generate()?;
//! use std::io::Cursor;
//! use veilmatch::Metadata;
//! use veilmatch::custody::{RequestFile, RequestWriter};
//! use veilmatch::oprf::Element;
//!
//! let mut file = Cursor::new(Vec::new());
//! let mut writer = RequestWriter::begin(terms, Name::new("bank-a")?, custody, Vec::new(), &mut file)?;
//! writer.push(&[Element([7; 32]); 3])?;
//! let root = writer.finish(&Metadata::default(), Some(&identity))?;
//!
//! let request = RequestFile::from_source(Box::new(file.into_inner()), "card.notary.vmb")?;
//! assert_eq!((request.len(), request.root()), (3, root));
//! let mut batches = request.batches();
//! assert_eq!(batches.next()?.map(|batch| batch.len()), Some(3));
//! assert_eq!(batches.next()?, None);
//! # Ok::<(), veilmatch::Error>(())
//! ```

mod ceremony;
mod evaluation;
mod head;
mod of_round;
mod public;
mod records;
mod request;
mod signed_by;

pub use ceremony::{Ceremony, Custodian, KindQuota};
pub use evaluation::{Answers, By, EvaluationFile, EvaluationWriter};
pub use head::SignedHead;
pub use of_round::key_id;
pub use public::PublicCustody;
pub use request::{Asked, RequestFile, RequestWriter};
pub use signed_by::SignedCustody;

use crate::container::digest::sha256;

/// SHA-256 of a label, and of parts of which each has a fixed length or its length before it.
fn digest(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    sha256(&[&[label.as_bytes()], parts].concat())
}
