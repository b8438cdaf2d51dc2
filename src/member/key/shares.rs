//! Shares of a secret for keepers: any `threshold` of them restore it. Needs the feature `secret-shares`.
//!
//! The method is Shamir's secret sharing by the package `blahaj`, byte by byte over GF(2⁸). Its polynomial is
//! `x⁸ + x⁴ + x³ + x² + 1`. Share i is the point i of polynomials whose value at 0 is the secret. Fewer shares than the
//! threshold say nothing about the secret except its id, which is as hard to invert as the key id.
//!
//! `blahaj` looks up tables by secret bytes: split and combine on a machine where no other party's program runs.

mod line;

use std::convert::Infallible;
use std::fmt;
use std::ops::Range;

use blahaj::Sharks;
use rand_core::{TryCryptoRng, TryRng};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::terms::SecretId;

use super::CoalitionSecret;

/// Length of the id of a split.
const SET_ID_LEN: usize = 4;

/// The least threshold: with 1, every share would be the secret.
const LEAST_THRESHOLD: u8 = 2;

const CHANGED: Error = Error::SecretShares {
    problem: "they do not give the secret whose id they carry; one of them was changed or made up",
};

/// One keeper's share of a [`CoalitionSecret`].
///
/// It states its index, its split, its secret's id, and how many shares restore the secret. All of this is public.
/// There is no `Clone`, `Display` or `Serialize`; `Debug` shows nothing; dropping wipes.
///
/// ```
/// use veilmatch::member::key::CoalitionSecret;
///
/// let secret = CoalitionSecret::generate()?;
/// let shares = secret.split(2, 3)?;
/// assert_eq!(CoalitionSecret::combine(&shares[1..])?.id(), secret.id());
/// assert!(CoalitionSecret::combine(&shares[..1]).is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct SecretShare {
    set: [u8; SET_ID_LEN],
    threshold: u8,
    index: u8,
    secret: SecretId,
    /// Boxed, so that a list of shares that grows leaves no copies behind.
    values: Box<Zeroizing<[u8; CoalitionSecret::LEN]>>,
}

impl SecretShare {
    /// Returns its number among the shares of the split, from 1.
    pub fn index(&self) -> u8 {
        self.index
    }

    /// Returns the number of shares that restore the secret.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Returns the id of the secret that the shares restore.
    pub fn secret_id(&self) -> SecretId {
        self.secret
    }

    /// Returns where its values are, for a program that keeps their page out of swap. They stay there until the share
    /// is dropped.
    pub fn memory_range(&self) -> Range<*const u8> {
        self.values.as_ptr_range()
    }

    fn point(&self) -> Result<blahaj::Share, Error> {
        let mut bytes = Zeroizing::new([0; 1 + CoalitionSecret::LEN]);
        bytes[0] = self.index;
        bytes[1..].copy_from_slice(&**self.values);
        blahaj::Share::try_from(&bytes[..]).map_err(|_| CHANGED)
    }

    /// Returns what keeps two shares from being combined.
    fn mismatch(&self, other: &Self) -> Option<&'static str> {
        if self.secret != other.secret {
            Some("they are of different secrets")
        } else if self.set != other.set {
            Some("they are of different splits of the secret")
        } else if self.threshold != other.threshold {
            Some("they differ in how many restore the secret")
        } else if self.index == other.index {
            Some("the same index is there twice")
        } else {
            None
        }
    }
}

impl fmt::Debug for SecretShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretShare")
    }
}

impl CoalitionSecret {
    /// Splits the secret into a share for each keeper; any `threshold` of them restore it.
    ///
    /// Each call makes a new set of shares, which cannot be combined with those of another call. Before the shares are
    /// returned, all are combined and must give the secret. This takes far below a millisecond for ten keepers, and a
    /// fifth of a second for 255.
    ///
    /// # Errors
    ///
    /// [`Error::SecretShares`] unless 2 ≤ `threshold` ≤ `keepers`, or if the shares do not give the secret;
    /// [`Error::Random`] where the operating system gives no random bytes.
    pub fn split(&self, threshold: u8, keepers: u8) -> Result<Vec<SecretShare>, Error> {
        if !(LEAST_THRESHOLD..=keepers).contains(&threshold) {
            return Err(Error::SecretShares {
                problem: "expected a threshold of at least 2 and at most the number of keepers",
            });
        }
        let mut set = [0; SET_ID_LEN];
        SystemRandom::new().fill(&mut set).map_err(|_| Error::Random)?;
        let mut random = RingRandom { system: SystemRandom::new(), failed: false };
        let points = Sharks(threshold).dealer_rng(&**self.0, &mut random);
        if random.failed {
            return Err(Error::Random);
        }
        let secret = self.id();
        let share = |point: blahaj::Share| {
            let mut values = Box::new(Zeroizing::new([0; Self::LEN]));
            values.iter_mut().zip(&point.y).for_each(|(byte, value)| *byte = value.0);
            SecretShare { set, threshold, index: point.x.0, secret, values }
        };
        let shares: Vec<_> = points.take(keepers.into()).map(share).collect();
        Self::combine(&shares)?;
        Ok(shares)
    }

    /// Restores a secret from at least as many shares of one split as its threshold.
    ///
    /// All given shares must agree, also those beyond the threshold, and the secret must have the id that they carry.
    /// Cost: O(n·t²) for n shares and a threshold of t.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewSecretShares`]; [`Error::SecretShares`] for shares of different secrets or splits, of
    /// different thresholds, one index twice, and values that do not give the secret.
    pub fn combine(shares: &[SecretShare]) -> Result<Self, Error> {
        for (at, share) in shares.iter().enumerate() {
            if let Some(problem) = shares[..at].iter().find_map(|other| other.mismatch(share)) {
                return Err(Error::SecretShares { problem });
            }
        }
        let threshold = shares.first().map_or(LEAST_THRESHOLD, SecretShare::threshold);
        if shares.len() < threshold.into() {
            return Err(Error::TooFewSecretShares { threshold, shares: shares.len() });
        }
        let points = shares.iter().map(SecretShare::point).collect::<Result<Vec<_>, _>>()?;
        // The secret and all but one of the threshold's shares fix the polynomials. So if each further share, together
        // with these, gives the same secret, all shares lie on the polynomials, and any other choice of shares gives it
        // too.
        let (fixed, others) = points.split_at(usize::from(threshold) - 1);
        let restore = |last| -> Result<Self, Error> {
            let points = fixed.iter().chain([last]);
            let restored = Zeroizing::new(Sharks(threshold).recover(points).map_err(|_| CHANGED)?);
            let mut secret = Self::blank();
            secret.0.copy_from_slice(&restored);
            Ok(secret)
        };
        let secret = restore(&others[0])?;
        let mut agree = secret.id() == shares[0].secret;
        for other in &others[1..] {
            agree &= *restore(other)?.0 == *secret.0;
        }
        if agree { Ok(secret) } else { Err(CHANGED) }
    }
}

/// The operating system's random bytes, in the form that `blahaj` takes: a source that cannot fail.
struct RingRandom {
    system: SystemRandom,
    /// Whether some of the bytes were not random. Whoever asked must check this.
    failed: bool,
}

impl RingRandom {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.failed |= self.system.fill(&mut bytes).is_err();
        bytes
    }
}

impl TryRng for RingRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.failed |= self.system.fill(out).is_err();
        Ok(())
    }
}

impl TryCryptoRng for RingRandom {}
