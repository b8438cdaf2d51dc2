//! Every back end of the tokeniser makes the same tokens, in order, whatever the sizes of the batches.

use crate::support::hub::name;
use crate::support::member::{context, on_threads};
use proptest::prelude::*;
use veilmatch::member::identifier::{Kind, SuppressionList};
use veilmatch::member::key::TokenKey;
use veilmatch::member::resolve::resolve;
use veilmatch::member::rows::Rows;
use veilmatch::member::tokenize::{Backend, Tokenizer};
use veilmatch::terms::KeyId;
use veilmatch::{Disclosure, Error, Intersection, Reason, Token};

const KEY: [u8; 32] = *b"a token key known to these tests";

/// Suppresses one address.
fn plain() -> Tokenizer {
    let key = TokenKey::from_bytes(&mut KEY.clone());
    let list = SuppressionList::parse("email.strict/1 nobody@example.com").unwrap();
    Tokenizer::from_token_key(&key, context(Kind::EmailStrict), KeyId([1; 8]))
        .unwrap()
        .with_suppression(list.into())
}

/// One tokeniser for each back end that this machine can run.
fn on_each_backend() -> impl Iterator<Item = Tokenizer> {
    Backend::available().map(|backend| plain().with_backend(backend).unwrap())
}

/// An address whose canonical form is the address itself, of 7 to 254 bytes; numbers have their own.
fn address(len: usize, number: usize) -> String {
    let local = format!("{:x}", number % 256);
    let mut address = format!("{local}@");
    while len - address.len() > 66 {
        address.push_str(&"a".repeat(63));
        address.push('.');
    }
    let rest = len - address.len() - 2;
    address.push_str(&"b".repeat(rest.min(63)));
    address.push_str(&".cd"[..len - address.len()]);
    address
}

/// Values of every length, among them ones that are rejected or suppressed.
fn values(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| match number % 13 {
            5 => "no address".to_owned(),
            9 => "nobody@example.com".to_owned(),
            _ => address(8 + 37 * number % 240, number),
        })
        .collect()
}

/// Value by value, by the package `ring` where there is a token.
fn expected(values: &[String]) -> Vec<Result<Option<Token>, Reason>> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &KEY);
    let tokenizer = plain();
    let token = |value: &String| {
        let token = tokenizer.token(value.as_bytes())?;
        if let Some(token) = token {
            assert_eq!(token.as_bytes(), &ring::hmac::sign(&key, value.as_bytes()).as_ref()[..16]);
        }
        Ok(token)
    };
    values.iter().map(token).collect()
}

#[test]
fn values_of_every_length_come_in_order_in_batches_of_every_size() {
    let values = values(300);
    let expected = expected(&values);
    let tokens = expected.iter().filter(|outcome| matches!(outcome, Ok(Some(_)))).count();
    assert!(tokens > 200 && expected.contains(&Ok(None)) && expected.iter().any(Result::is_err));
    for tokenizer in on_each_backend() {
        for size in 0..=values.len() {
            let from = (7 * size) % (values.len() - size + 1);
            let found = tokenizer.tokens(&values[from..from + size]);
            assert_eq!(found.size_hint(), (size, Some(size)));
            assert!(found.eq(expected[from..from + size].iter().copied()), "{}: {size}", tokenizer.backend());
            // `for_each` goes another way than `next`, also when it starts within a batch.
            let mut found = tokenizer.tokens(&values[from..from + size]);
            let mut collected: Vec<_> = found.by_ref().take(size / 3).collect();
            found.for_each(|outcome| collected.push(outcome));
            assert!(collected == expected[from..from + size], "{}: {size}", tokenizer.backend());
        }
    }
}

#[test]
fn whole_inputs_give_the_same_set_and_the_same_rows_on_any_back_end() {
    let (a, b) = (name("bank-a"), name("bank-b"));
    for count in [1, 15, 17, 47, 49, 95, 96, 97, 1000, 9000] {
        let values = values(count);
        let rows = || Rows::values(values.iter().map(String::as_str));
        let reference = plain().with_backend(Backend::Portable).unwrap();
        let set = reference.tokenize(&a, rows()).unwrap().set;
        let own: Vec<Token> = expected(&values).into_iter().filter_map(|outcome| outcome.ok()?).collect();
        let tokens = |row: u64| reference.token(values[row as usize - 1].as_bytes()).unwrap().unwrap();
        assert_eq!(set.counters().accepted, own.len() as u64);
        for tokenizer in on_each_backend() {
            let other = on_threads(3, || tokenizer.tokenize(&b, rows()).unwrap());
            assert_eq!(other.set.tokens(), set.tokens(), "{}: {count}", tokenizer.backend());
            let matched =
                Intersection::new().add(&set).unwrap().add(&other.set).unwrap().at_least(2).unwrap();
            let share = matched.collect().unwrap().share(&a, Disclosure::Holders).unwrap();
            let resolved = resolve(&tokenizer, &a, &share, rows()).unwrap();
            assert_eq!(resolved.rows.len(), own.len());
            assert!(resolved.rows.iter().all(|found| share.tokens()[found.index] == tokens(found.place.row)));
        }
    }
}

proptest! {
    #[test]
    fn batches_of_anything_are_what_values_are_one_by_one(
        values in prop::collection::vec(
            prop_oneof![
                (8usize..250, any::<u8>()).prop_map(|(len, number)| address(len, number.into()).into_bytes()),
                prop::collection::vec(any::<u8>(), 0..80),
            ],
            0..250,
        )
    ) {
        for tokenizer in on_each_backend() {
            let one_by_one = values.iter().map(|value| tokenizer.token(value));
            prop_assert!(tokenizer.tokens(&values).eq(one_by_one), "{}", tokenizer.backend());
        }
    }
}

#[test]
fn a_back_end_is_to_be_had_by_name_where_the_machine_can_run_it() {
    let available: Vec<Backend> = Backend::available().collect();
    assert_eq!(available.last(), Some(&Backend::Portable));
    assert_eq!(plain().backend(), available[0], "the best by default");
    for (text, backend) in [
        ("avx512", Backend::Avx512),
        ("sha-ni", Backend::ShaNi),
        ("avx2", Backend::Avx2),
        ("portable", Backend::Portable),
    ] {
        assert_eq!(text.parse::<Backend>().unwrap(), backend);
        assert_eq!(backend.to_string(), text);
        match plain().with_backend(backend) {
            Ok(tokenizer) => {
                assert!(available.contains(&backend));
                assert_eq!(tokenizer.backend(), backend);
            }
            Err(error) => {
                assert!(!available.contains(&backend), "{error}");
                assert!(matches!(error, Error::Backend { backend, .. } if backend == text), "{error}");
                assert!(error.to_string().contains(text), "{error}");
            }
        }
    }
    for text in ["", "AVX2", "avx-512", "sha_ni", " portable"] {
        assert!(matches!(text.parse::<Backend>(), Err(Error::UnknownBackend)), "{text:?}");
    }
}
