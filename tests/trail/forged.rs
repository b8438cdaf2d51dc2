//! Links and answers whose digests are right and whose content is not: what a member or a hub could send on purpose.

use std::io;

use veilmatch::Error;
use veilmatch::container::ReadAt;
use veilmatch::trail::{Answer, Graph, Links, Shared, Trails};

use crate::support::files::{Forger, written};
use crate::support::mutation::Random;
use crate::support::thorough::times;
use crate::support::trails::{answer, links_file, trail_round};

fn opened(file: Vec<u8>) -> Result<Links, Error> {
    Links::from_source(Box::new(file), "links")
}

fn links() -> Forger {
    Forger::of(&links_file(&trail_round(), "bank-a"))
}

fn refused(file: Vec<u8>, expected: &str) {
    let error = opened(file).unwrap_err();
    assert!(error.to_string().contains(expected), "{expected:?} in {error}");
    assert_eq!(error.code(), "format");
}

/// Another document in the place of the one that is there, with its digest.
fn with_document(forger: Forger, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(forger.names.clone()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    let mut block = text.trim_end().replace(from, to).into_bytes();
    block.push(b'\n');
    block.resize(4095, b' ');
    block.push(b'\n');
    forger.names(block).file()
}

#[test]
fn what_links_say_of_their_records_must_be_true_of_them() {
    opened(links().file()).unwrap();
    let (subject, link) = (|at: usize| at * 20, |at: usize| (6 + at) * 20);
    let swapped = |from: usize| {
        links().records(|records| {
            let moved: Vec<u8> = records.splice(from..from + 20, []).collect();
            records.splice(from + 20..from + 20, moved);
        })
    };
    refused(swapped(subject(0)).file(), "subjects in ascending order");
    refused(swapped(link(0)).file(), "the links of a kind in ascending order");
    refused(
        links().records(|records| records[subject(1) + 19] = 2).file(),
        "0 for a subject and 1 for a seed",
    );
    refused(links().records(|records| records[subject(1) + 19] = 1).file(), "as many seeds as were told");
    refused(links().records(|records| records[subject(0) + 19] = 0).file(), "as many seeds as were told");
    refused(links().records(|records| records[link(0) + 19] = 6).file(), "the number of a subject");
    refused(
        with_document(links(), r#""tokens":9"#, r#""tokens":8"#),
        "as many tokens of each kind as were told",
    );
    refused(
        with_document(links(), r#""links":12"#, r#""links":11"#),
        "with as many links as there are records",
    );
    refused(
        with_document(links(), r#""subjects":6"#, r#""subjects":7"#),
        "with as many links as there are records",
    );
    refused(with_document(links(), r#""seeds":1"#, r#""seeds":1,"more":1"#), "in its one spelling");
    refused(with_document(links(), r#""seeds":1"#, r#""seeds": 1"#), "in its one spelling");
}

/// Whatever is accepted, the hub can follow.
#[test]
fn random_changes_under_good_digests_are_refused_or_followed() {
    let round = trail_round();
    let other = opened(links_file(&round, "bank-b")).unwrap();
    let mut random = Random(5);
    let mut accepted = 0;
    let all = [other];
    for _ in 0..times(20_000) {
        let forged = links().records(|records| {
            let mut broken = records.clone();
            random.mutate(&mut broken, true);
            *records = broken;
        });
        let Ok(links) = opened(forged.file()) else { continue };
        accepted += 1;
        let shared = |links: &Links| Shared {
            member: links.member().clone(),
            kind: links.kinds()[0].kind.clone(),
            own_set: links.kinds()[0].own_set,
            tokens: links.kinds()[0].tokens,
        };
        let shared = [shared(&links), shared(&all[0])];
        let both = [links, opened(links_file(&round, "bank-b")).unwrap()];
        let graph = Graph::new(&round, &both, &shared, &()).unwrap();
        Trails::find(&graph, Trails::fresh_id, &()).unwrap().answers(&Default::default(), None).unwrap();
    }
    assert!(accepted > 100, "{accepted}");
}

#[test]
fn an_answer_that_the_round_cannot_have_is_refused() {
    let round = trail_round();
    let good = answer(&round);
    let own = good.recipient.clone();
    round.accept_answer(&good, &own).unwrap();
    let refused = |edit: &dyn Fn(&mut Answer)| {
        let mut other = good.clone();
        edit(&mut other);
        round.accept_answer(&other, &own).unwrap_err().code()
    };
    assert_eq!(refused(&|answer| answer.trails[0].members = 3), "trail");
    assert_eq!(refused(&|answer| answer.trails[0].members = 1), "trail");
    assert_eq!(refused(&|answer| answer.trails[0].own[0].distance = 3), "trail");
    assert_eq!(refused(&|answer| answer.trails[0].names = Some(vec![own.clone()])), "trail");
    assert_eq!(refused(&|answer| answer.terms.round = None), "terms_differ");
    let stranger = veilmatch::terms::Name::new("bank-b").unwrap();
    assert_eq!(round.accept_answer(&good, &stranger).unwrap_err().code(), "wrong_recipient");
    // Order is part of the form.
    let mut turned = good.clone();
    turned.trails[0].own.reverse();
    let file = written(|out| turned.write_to(out));
    assert_eq!(Answer::from_file_bytes(&file).unwrap_err().code(), "format");
}

/// A file that is nearly all holes: its sender pays nothing for its size.
struct Sparse {
    beginning: Vec<u8>,
    size: u64,
}

impl ReadAt for Sparse {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        assert!(offset + buffer.len() as u64 <= self.beginning.len() as u64, "only the header is read");
        buffer.copy_from_slice(&self.beginning[offset as usize..][..buffer.len()]);
        Ok(())
    }
}

#[test]
fn a_sparse_file_is_refused_before_room_is_made_for_what_it_says() {
    let refused = |from: &str, to: &str, more: u64| {
        let (good, forged) = (links().file(), links().replace(from, to).file());
        let sparse = Sparse { beginning: forged[..4096].to_vec(), size: good.len() as u64 + more };
        let error = Links::from_source(Box::new(sparse), "links").unwrap_err();
        assert!(
            error.to_string().contains("of links and requests 1 MiB, and fewer than 2^32 records"),
            "{error}"
        );
    };
    refused("\"bytes\":4096", "\"bytes\":107374186496", 107_374_182_400);
    // 2^33 more records, and the index of them.
    refused("\"tokens\":18", "\"tokens\":8589934610", (1 << 33) * 20 + (1 << 23) * 48);
}
