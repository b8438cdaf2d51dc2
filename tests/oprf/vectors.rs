//! The vectors of SPEC.md, section 16, which `vectors.py` makes without this code.

use super::{Among, context, evaluated, hashed};
use veilmatch::member::CoalitionSecret;
use veilmatch::member::oprf::tokens;
use veilmatch::oprf::{Custody, Element, Holder};

fn value(what: &str) -> String {
    let row = format!("| {what} | `");
    let (_, after) = include_str!("../../SPEC.md").split_once(&row).unwrap_or_else(|| panic!("no row {row}"));
    after.split('`').next().unwrap().to_owned()
}

fn bytes<const N: usize>(what: &str) -> [u8; N] {
    let text = value(what);
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}

#[test]
fn the_vectors_of_the_specification_hold() {
    let secret = CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| index as u8)).unwrap();
    for (kind, form) in [("card.pan/1", "9999100000001562"), ("bank.iban/1", "DE89370400440532013000")] {
        let share = |index: u16| Holder::new(index, &mut bytes(&format!("`{kind}`: share {index}"))).unwrap();
        let holders: Vec<Holder> = [1, 2, 3].map(share).into();
        let key = Element(bytes(&format!("`{kind}`: PK")));
        let custody = Custody::new(key, 2, holders.iter().map(Holder::public).collect()).unwrap();
        let (among, context) = (Among { custody, holders }, context("example", 1, kind));
        assert_eq!(secret.custody_key_id(&context, &key).to_string(), value(&format!("`{kind}`: key id")));
        let token_key = secret.custody_token_key(&context, &key);
        for chosen in [[0, 1], [0, 2], [2, 1]] {
            let made = evaluated(&among, &chosen, &context, &hashed(&[form]));
            assert_eq!(made[0].as_bytes(), &bytes::<32>(&format!("`{form}`: F")));
            assert_eq!(tokens(&token_key, &made)[0].as_bytes(), &bytes::<16>(&format!("`{form}`: token")));
        }
    }
}
