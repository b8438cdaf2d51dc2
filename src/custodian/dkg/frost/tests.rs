//! The vectors of the package for key generation (`vectors_dkg.json`): 2 of 3.

use frost_ristretto255::{Field as _, RistrettoScalarField};

use super::*;
use crate::custodian::seed::tests::value;
use crate::oprf::{Custody, Holder};

/// What one custodian has in the vectors: its two coefficients, their commitments, its proof, its shares of the other two by
/// their places, and what comes of it: its share and the public part.
struct Vector {
    coefficients: [&'static str; 2],
    commitment: [&'static str; 2],
    proof: &'static str,
    dealt_to_it: [(usize, &'static str); 2],
    share: &'static str,
    public: &'static str,
}

const KEY: &str = "b83aed2f02a94ddd7f2b08543fb45f372aac439fc6001b91d8ddac25f1ce953c";

const VECTORS: [Vector; 3] = [
    Vector {
        coefficients: [
            "d4c9fd3791845b7de290023b97608a8d02a32884e07c3000625dc6763f978402",
            "2c82ed212c86135dfb96d8fa101e14a9f7eaa68c3a7c631da8f923a339d4290d",
        ],
        commitment: [
            "7a79f973094a1a3bf62a380ca55f7a4a14cfcedcbae5671c745689acf8db8a40",
            "7e12837ca7590e8bfd91f3d5a297e4471eb35dcde71a99ff8a74981c2622977e",
        ],
        proof: "72643991539e14296008902fa7f7083a5d65ada958e09cac3e78f66adf680564\
                320bbeed85c87f98d00cc558de63e5394650b2d048f96bd9153bd223385aa902",
        dealt_to_it: [
            (1, "37fd7a8fa7ef7e905c4cc1ca7a244672a3f90077a86746c1c95a0b8b2a7bbe09"),
            (2, "f93fcf4b8fd02dd5a84922b624e57bbb13ddc8e43ee8eab51380d09abbe62a02"),
        ],
        share: "43b53fd8d96709e80c21c713698e814fb164996c0249c594e731c63f5fcd970b",
        public: "34a6dfc4a2abd44c8fd4b1c25d4dd2b739fcd0769974e2bf043872ba888d6836",
    },
    Vector {
        coefficients: [
            "244e234486f729a9ce275e151ee0600028e7ae5177ab8fd3a33133492f8fae0a",
            "00834da83b5b673f64c15a583b3ec4867b12522531bcb6ed2529d841fbeb0f0f",
        ],
        commitment: [
            "86f699bf3f55baca2d2b1745cf131af2f9601f9b670abb2aa609edccb8c8b866",
            "7cff88ebfe8a35a5a362c53fe64f65f4e1fde0152265f4b0d267244cac1ac21d",
        ],
        proof: "549829af581c7728c47d609984a59f9c2de8743171c997c6cd1b300eba197069\
                3718aceb9f7080a65e5ac9b58cd6c804d771572e6883086c9c7397869ecb9902",
        dealt_to_it: [
            (0, "3ffae21ecf2d70df0222bc8ddaa2d3caf178769d5575f73ab2500ebdb23fd80c"),
            (2, "b2c44da0b4018ab427b4650b3925fe6e4537c1be14fb1e6515e4bca2216c6105"),
        ],
        share: "4e970d3d32b4bbb33eaa4e760c371e0956bc8af84394134fb7b8ae2cfa12080b",
        public: "f2a45b7d4c5b18e7af08477e0a079fe80a0ce187794d34b7118b3c964ccd8f48",
    },
    Vector {
        coefficients: [
            "2d8f46548402e44d007cd603ef9ed81ce282d00a69d5b606121ce4925561f40e",
            "b9847e5425315cdf7e6a4355144082b3315af8d9d51234af0164ec0766853603",
        ],
        commitment: [
            "90cf8b404afaa3050e8623695ebf24376b85eae516e31e40187f720fb337826a",
            "f6bcb935c8362dd673ebdc39b7c27620a6d8b4ad99b18d26c25c0aaf154a0023",
        ],
        proof: "840c009f88523ff9130c6306b2be6fea8fd6f1b0af58aa45760228a75f83f840\
                d424f36af3a90b1c5807e646d86e064b285bf144b5f60f5a49785d602ab5010d",
        dealt_to_it: [
            (0, "7ea8dae3e05071e4271c9de50cc7085fe9631d2a90f15a585a4a3260ec13020a"),
            (1, "5d5b2a26eadf285f7895873534ad10569a1ea5c10ae0b39c15adbb0e2153de07"),
        ],
        share: "5979dba18a006e7f7033d6d8afdfbac2fa137c8485df6109873f97199558780a",
        public: "0c7b8a84fbe0bb7d2b5d2748b21887832d0981df4faabd9dd503a3fd384ba26e",
    },
];

fn bytes<const LEN: usize>(hex: &str) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    crate::terms::from_hex(hex, &mut bytes).unwrap();
    bytes
}

fn secret(hex: &str) -> SecretHex {
    SecretHex(Box::new(Zeroizing::new(bytes(hex))))
}

fn committed(of: &Vector) -> Committed {
    let commitment = of.commitment.iter().map(|hex| Element(bytes(hex))).collect();
    Committed { kind: KindId::new("card.pan/1").unwrap(), commitment, proof: Signature(bytes(of.proof)) }
}

fn own(place: usize, of: &Vector) -> Own {
    let coefficients =
        of.coefficients.iter().map(|hex| RistrettoScalarField::deserialize(&bytes(hex)).unwrap());
    let commitment: VerifiableSecretSharingCommitment =
        VerifiableSecretSharingCommitment::deserialize(of.commitment.iter().map(|hex| bytes::<32>(hex)))
            .unwrap();
    let proof = Schnorr::deserialize(&bytes::<64>(of.proof)).unwrap();
    let secret =
        round1::SecretPackage::new(identifier(place), coefficients.collect(), commitment.clone(), 2, 3);
    Own { place, holders: 3, secret, package: round1::Package::new(commitment, proof) }
}

#[test]
fn the_vectors_of_frost_come_out_and_are_a_custody_of_ours() {
    let told: Vec<Committed> = VECTORS.iter().map(committed).collect();
    let told: Vec<&Committed> = told.iter().collect();
    for (place, of) in VECTORS.iter().enumerate() {
        let own = own(place, of);
        let (_, dealt) = own.deal(&told).unwrap_or_else(|_| panic!("step 2"));
        for (to, share) in dealt {
            let (_, expected) = VECTORS[to].dealt_to_it.iter().find(|(from, _)| *from == place).unwrap();
            assert_eq!(**share.0, bytes(expected));
        }
        let dealt = of.dealt_to_it.map(|(from, hex)| (from, secret(hex)));
        let dealt: Vec<_> = dealt.iter().map(|(from, share)| (*from, share)).collect();
        let made = own.make(&told, &dealt).unwrap_or_else(|_| panic!("step 3"));
        assert_eq!((**made.share.0, made.key), (bytes(of.share), Element(bytes(KEY))));
        let custody = Custody::new(made.key, 2, made.shares).unwrap();
        let index = place as u16 + 1;
        assert_eq!(custody.share(index).unwrap().key, Element(bytes(of.public)));
        assert_eq!(
            Holder::new(index, &mut bytes(of.share)).unwrap().public(),
            *custody.share(index).unwrap()
        );
    }
}

#[test]
fn what_is_drawn_from_a_seed_is_what_the_specification_has() {
    for kind in ["card.pan/1", "bank.iban/1"] {
        let of = |what: &str| value(&format!("`{kind}`: {what}"));
        let (seed, mut at_once, mut in_turn) = (of("seed of the kind"), [0; 64], [[0; 32]; 2]);
        Drawn { seed: &seed, block: 0 }.fill_bytes(&mut at_once);
        let mut drawn = Drawn { seed: &seed, block: 0 };
        in_turn.iter_mut().for_each(|block| drawn.fill_bytes(block));
        assert_eq!(in_turn, [of("block number 0"), of("block number 1")]);
        assert_eq!(in_turn.concat(), at_once);
        let own = Own::draw(&Zeroizing::new(seed), 0, 3, 2).unwrap_or_else(|_| panic!("it draws"));
        let told = own.committed(KindId::new(kind).unwrap()).unwrap_or_else(|_| panic!("it tells"));
        let elements = ["first", "second"].map(|place| of(&format!("{place} element of step 1")));
        assert_eq!(told.commitment.iter().map(|element| element.0).collect::<Vec<_>>(), elements);
    }
}

#[test]
fn a_share_or_proof_that_was_changed_is_blamed_on_its_sender() {
    let told: Vec<Committed> = VECTORS.iter().map(committed).collect();
    let own = own(0, &VECTORS[0]);
    let all: Vec<&Committed> = told.iter().collect();
    let good = secret(VECTORS[0].dealt_to_it[0].1);
    let wrong = secret(VECTORS[0].share);
    assert_eq!(own.make(&all, &[(1, &good), (2, &wrong)]).map(drop).unwrap_err().0, Some(2));

    let mut other = told[1].clone();
    other.proof = told[2].proof;
    assert_eq!(own.deal(&[&told[0], &other, &told[2]]).map(drop).unwrap_err().0, Some(1));
    let mut long = told[2].clone();
    long.commitment.push(long.commitment[0]);
    assert_eq!(own.deal(&[&told[0], &told[1], &long]).map(drop).unwrap_err().0, Some(2));
}
