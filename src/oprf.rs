//! A pseudorandom function that nobody can compute alone: RFC 9497, mode VOPRF, suite ristretto255-SHA512, with its key
//! shared among custodians.
//!
//! A member blinds an input and gets it evaluated by t of n custodians. Each of these is a plain server of the RFC under its
//! own share of the key; it learns nothing of the input, and proves that it used its share. The member combines the t
//! evaluations and unblinds:
//!
//! ```text
//! B  = r·HashToGroup(x)            r random                       member
//! Eᵢ = kᵢ·B, with a proof                                         custodian i, who holds kᵢ; VKᵢ = kᵢ·G is public
//! N  = r⁻¹·Σ λᵢ·Eᵢ = k·HashToGroup(x)                             member; λᵢ are Lagrange's coefficients at 0
//! F  = SHA-512(lp(x) || lp(N) || "Finalize")[0..32]
//! ```
//!
//! The RFC's analysis covers one key and no batches; no universal composability is claimed (SPEC.md, section 16). Nothing here
//! bounds how much a holder evaluates: whoever asks often enough can try out identifiers, so the caller has to count.
//!
//! **Not for use yet.** The RFC weighs each pair of a batch by a hash of that pair alone. A custodian that wants to answer
//! wrongly can choose many wrong answers of a batch so that their errors cancel, by the generalised birthday problem: for a
//! thousand elements and more in some 2³³ steps. It learns nothing by that, but what it spoils matches nothing, and no proof
//! blames it. Before files of requests are fixed, the weights must come from a hash of all pairs.
//!
//! Blinds and shares are handled in constant time and wiped, as far as the compiler lets them be. Identifiers, unblinded
//! elements and F are not wiped, as rows are not. Proofs are checked in variable time: all that they are made of
//! is public.

mod element;
mod proof;
mod suite;
mod threshold;

pub use element::Element;
pub use proof::{MAX_BATCH, Proof};
pub use threshold::{Holder, PublicShare};
#[cfg(all(test, feature = "member"))]
pub(crate) use {element::mul_all, proof::prove};
#[cfg(feature = "member")]
pub(crate) use {
    element::{Points, TOGETHER, encode_doubled},
    suite::{TO_GROUP, expand, random_scalar, sha512},
    threshold::coefficients,
};
