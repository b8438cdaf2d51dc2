//! What custodians agree to, tell each other, and sign.

use std::sync::OnceLock;

use veilmatch::Error;
use veilmatch::custodian::{Dkg, Seed};
use veilmatch::custody::{Ceremony, Custodian, KindQuota, SignedCustody};
use veilmatch::round::identity::Identity;
use veilmatch::terms::{KindId, Name};

/// Any bytes as a ceremony: what is accepted has one spelling. And as a file of a step: nobody signed it, so it is refused.
pub fn ceremony(data: &[u8]) {
    match Ceremony::from_bytes(data) {
        Ok(ceremony) => assert!(ceremony.to_bytes() == data, "written again, it is another ceremony"),
        Err(error) => require_known(&error),
    }
    let (ceremony, identity, seed) = custodian();
    let dkg = Dkg::new(ceremony, &ceremony.custodians()[0].name, identity, seed).expect("a custodian");
    match dkg.read(data) {
        Ok(_) => panic!("nobody signed it"),
        Err(error) => require_known(&error),
    }
}

/// Any bytes as what is public of custodians' keys: what is accepted has one spelling.
pub fn custody(data: &[u8]) {
    match SignedCustody::read(data) {
        Ok(signed) => assert!(signed.to_bytes() == data, "written again, it is another custody"),
        Err(error) => require_known(&error),
    }
}

fn require_known(error: &Error) {
    let code = error.code();
    let known = ["custody", "signing_key", "seal", "oprf", "signature", "format", "io"];
    assert!(known.contains(&code), "{error}");
}

/// A custodian of a ceremony of two, the same for all inputs of a run.
fn custodian() -> &'static (Ceremony, Identity, Seed) {
    static MADE: OnceLock<(Ceremony, Identity, Seed)> = OnceLock::new();
    MADE.get_or_init(|| {
        let identity = || Identity::generate().expect("random bytes");
        let (own, other) = (identity(), identity());
        let name = |text| Name::new(text).expect("a name");
        let custodians = vec![
            Custodian { name: name("a"), keys: own.public_keys() },
            Custodian { name: name("b"), keys: other.public_keys() },
        ];
        let kinds = vec![KindQuota { kind: KindId::new("card.pan/1").expect("an id"), quota: 1 }];
        let ceremony = Ceremony::new(name("efc"), 1, 2, kinds, custodians).expect("a ceremony");
        let seed = Seed::generate(&ceremony).expect("random bytes");
        (ceremony, own, seed)
    })
}
