//! The seed of a request is wiped: no block of memory that is given back has it.

use crate::counting::given_back;

/// What stands before the seed in a document.
const FIELD: &[u8] = b"\"seed\":\"";

#[test]
fn the_allocator_looks_into_what_is_given_back() {
    let text = || FIELD.repeat(3);
    assert_eq!(given_back(FIELD, || drop(text())).0, 1);
    assert_eq!(given_back(FIELD, text).0, 0, "it is not given back");
    let grown = || {
        let mut text = text();
        text.reserve_exact(1 << 20);
        text
    };
    assert_eq!(given_back(FIELD, grown).0, 1, "it may have left its old place");
}

#[cfg(all(feature = "member", feature = "oprf", feature = "seal"))]
#[test]
fn what_is_pending_is_written_and_read_without_leaving_its_seed_in_memory() {
    use veilmatch::Metadata;
    use veilmatch::member::oprf::{CacheOf, Hashed, Pending, Seed};
    use veilmatch::member::tokenize::Tokenizer;
    use veilmatch::oprf::Holder;
    use veilmatch::round::identity::Identity;
    use veilmatch::terms::{ContentDigest, CustodyDigest, KeyContext, KindId, Name};
    use veilmatch::token::Token;

    let (identity, name) = (Identity::generate().unwrap(), Name::new("bank-a").unwrap());
    let key = Holder::new(1, &mut [7; 32]).unwrap().public().key;
    let of = |name: &Name| {
        let kind = KindId::new("card.pan/1").unwrap();
        let context = KeyContext::new(Name::new("efc").unwrap(), 7, kind).unwrap();
        let tags = Tokenizer::of_tags(&identity, context, &key).unwrap();
        CacheOf::new(&tags, name.clone(), identity.signer(), CustodyDigest([5; 32]), &key)
    };
    let own = of(&name);
    let identifiers = [(Token::from_bytes([1; 16]), Hashed::of(b"9999100000001562"))];
    let write = |out: &mut dyn std::io::Write| {
        let (request, metadata) = (ContentDigest([3; 32]), Metadata::default());
        let seed = Seed::generate().unwrap();
        Pending::write(&own, (request, seed), &identifiers, &metadata, &identity, out).unwrap();
    };
    assert_eq!(given_back(FIELD, || write(&mut std::io::sink())).0, 0, "written");

    let mut file = Vec::new();
    write(&mut file);
    let at = file.windows(FIELD.len()).position(|part| part == FIELD).unwrap() + FIELD.len();
    let text: &'static [u8] = file[at..at + 64].to_vec().leak();
    let digit = |digit: u8| (digit as char).to_digit(16).unwrap() as u8;
    let bytes: Vec<u8> = text.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
    let another = of(&Name::new("bank-b").unwrap());
    let mut damaged = file.clone();
    damaged[at - FIELD.len() + 1] ^= 1;
    for needle in [text, bytes.leak()] {
        assert_eq!(given_back(needle, || drop(Pending::open(&file[..], &own).unwrap())).0, 0, "read");
        let refused = given_back(needle, || drop(Pending::open(&file[..], &another).unwrap_err()));
        assert_eq!(refused.0, 0, "refused");
        let refused = given_back(needle, || drop(Pending::open(&damaged[..], &own).unwrap_err()));
        assert_eq!(refused.0, 0, "damaged");
    }
}
