//! A pseudorandom function that nobody can compute alone: RFC 9497, mode VOPRF, suite ristretto255-SHA512, with its key
//! shared among custodians.
//!
//! A member blinds an input and gets it evaluated by t of n custodians. Each of these is a server of the RFC under its own
//! share of the key; it learns nothing of the input, and proves that it used its share. The member combines the t
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
//! Proofs are those of the RFC but for the seed of the weights, which is of the whole batch here: with the RFC's seed a holder
//! that wants to answer wrongly can choose the errors of a large batch so that they cancel (the module `batch` says how).
//!
//! **A draft that nobody outside has reviewed: not for use in earnest.** The room `custodian` makes keys and counts what is asked,
//! [`custody`](crate::custody) has the files.
//!
//! Blinds and shares are handled in constant time and wiped, as far as the compiler lets them be. Identifiers, unblinded
//! elements and F are not wiped, as rows are not. Proofs are checked in variable time: all that they are made of
//! is public.

mod batch;
mod custody;
mod element;
mod holder;
mod proof;
mod suite;

pub use batch::MAX_BATCH;
pub use custody::{Custody, PublicShare};
pub use element::Element;
pub use holder::Holder;
pub use proof::Proof;
#[cfg(feature = "member")]
pub(crate) use {
    batch::OURS,
    custody::coefficients,
    element::{Points, TOGETHER, encode_doubled},
    suite::{TO_GROUP, expand, random_scalar, sha512},
};
#[cfg(all(test, feature = "member"))]
pub(crate) use {
    batch::{Batches, RFC},
    element::mul_all,
    proof::prove,
};
