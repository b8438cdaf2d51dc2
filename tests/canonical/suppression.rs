//! A suppression list of one's own: made of text or data, named by its digest everywhere, and never mixed with another.

use std::sync::Arc;

use crate::support::hub::name;
use crate::support::member::tokenizer;
use veilmatch::member::identifier::{Kind, SuppressionList};
use veilmatch::member::rows::Rows;
use veilmatch::{Error, Intersection, TokenSet};

/// The customer service of an embedding bank, which every one of its customers has paid or called.
const OWN: [(&str, &str); 3] = [
    ("card.pan/1", "9999 1000 0000 1562"),
    ("email.strict/1", "Service@bank.example"),
    ("phone.e164/1", "+44 20 7946 0000"),
];

/// A program's own list: that of the crate, and data that it has.
fn own() -> Arc<SuppressionList> {
    let lines: String = OWN.iter().map(|(kind, value)| format!("{kind} {value}\n")).collect();
    Arc::new(SuppressionList::parse(&format!("{}{lines}", SuppressionList::STANDARD)).unwrap())
}

fn set(member: &str, list: Option<Arc<SuppressionList>>) -> TokenSet {
    let tokenizer = tokenizer(Kind::CardPan);
    let tokenizer = match list {
        Some(list) => tokenizer.with_suppression(list),
        None => tokenizer,
    };
    let rows = Rows::values(["9999100000001562", "9999100000002933", "4242424242424242"]);
    tokenizer.tokenize(&name(member), rows, &()).unwrap().set
}

#[test]
fn a_program_adds_its_own_values_to_the_list_that_ships() {
    let (standard, own) = (SuppressionList::standard(), own());
    assert_eq!(own.len(), standard.len() + OWN.len());
    assert_ne!(own.digest(), standard.digest());
    assert_eq!(SuppressionList::parse(SuppressionList::STANDARD).unwrap().digest(), standard.digest());
    let (with_standard, with_own) = (set("a", None), set("a", Some(own)));
    assert_eq!((with_standard.len(), with_standard.counters().suppressed), (2, 1));
    assert_eq!((with_own.len(), with_own.counters().suppressed), (1, 2));
}

#[test]
fn a_line_that_is_not_valid_is_named_by_its_number() {
    let text = format!("{}card.pan/1 9999100000001563\n", SuppressionList::STANDARD);
    let Err(Error::SuppressionList { line, expected }) = SuppressionList::parse(&text) else { panic!() };
    assert_eq!(line, SuppressionList::STANDARD.lines().count() + 1);
    assert_eq!(expected, "a value that the rule of the kind accepts");
    for (line, expected) in [
        ("card.pan/1", "a kind id, a space and a value"),
        ("card.pan 9999100000001562", "the id of a kind of this build, with its version"),
        ("net.ip/1 11.0.0.0/x", "a number of bits after the slash"),
        ("net.ip/1 11.0.0.1/8", "a network within its address's length, all bits after the prefix zero"),
    ] {
        let error = SuppressionList::parse(&format!("# one\n\n{line}\n")).unwrap_err();
        assert_eq!(error.to_string(), format!("suppression list, line 3: expected {expected}"));
    }
}

#[test]
fn the_digest_stands_in_the_header_of_a_set() {
    for list in [SuppressionList::standard(), SuppressionList::none(), own()] {
        let mut file = Vec::new();
        set("a", Some(Arc::clone(&list))).write_to(&mut file).unwrap();
        let header = crate::support::files::header_of(&file);
        assert_eq!(header["suppression"].as_str(), Some(&*list.digest().to_string()));
    }
}

#[test]
fn sets_with_different_lists_are_refused_with_both_digests() {
    let (standard, own) = (set("a", None), set("b", Some(own())));
    let error = Intersection::new().add(&standard).unwrap().add(&own).unwrap_err();
    let Error::TermsDiffer { member, difference } = &error else { panic!("{error}") };
    assert_eq!((member.as_str(), difference.what), ("b", "suppression digest"));
    assert_eq!(difference.expected, standard.terms().suppression.to_string());
    assert_eq!(difference.found, own.terms().suppression.to_string());
    assert!(Intersection::new().add(&set("a", Some(self::own()))).unwrap().add(&own).is_ok());
}

#[cfg(feature = "cli")]
mod by_the_program {
    use super::OWN;
    use crate::support::coalition::{Coalition, HUB};
    use veilmatch::member::identifier::SuppressionList;

    fn list() -> String {
        let lines: String = OWN.iter().map(|(kind, value)| format!("{kind} {value}\n")).collect();
        format!("{}{lines}", SuppressionList::STANDARD)
    }

    /// A trial whose manifest was made with a list that lies in the folder of each member.
    fn coalition() -> Coalition {
        let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
        for who in ["a", "b"] {
            coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
            coalition.write(who, "list.txt", list());
        }
        coalition.new_round("--at-least 2 --kind card.pan --suppression list.txt");
        coalition
    }

    #[test]
    fn a_round_is_made_and_played_with_a_list_of_its_own() {
        let coalition = coalition();
        let columns = "--suppression list.txt --column card=card.pan";
        let dry = coalition.done("a", &format!("dry-run {columns} --input rows.csv"));
        assert!(
            dry.stdout.starts_with("card.pan/1: 2 rows, 1 accepted, 1 distinct, 1 suppressed\n"),
            "{}",
            dry.stdout
        );
        assert!(dry.stdout.contains("  suppressed: rows 1\n"));
        let mut sets = coalition.tokenize("a", columns);
        sets.extend(coalition.tokenize("b", columns));
        assert_eq!(coalition.intersect(&sets).code, Some(0));
        coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
        let part = coalition.part("a");
        let resolved =
            coalition.done("a", &format!("resolve {part} {columns} --input rows.csv --share share"));
        assert_eq!(resolved.stdout, "row,kind,holders,names\n2,card.pan/1,2,a b\n");
    }

    #[test]
    fn another_list_than_that_of_the_round_is_refused() {
        let coalition = coalition();
        let part = coalition.part("a");
        let tokenize = format!("tokenize {part} --column card=card.pan --input rows.csv --out sets");
        coalition.write("a", "other.txt", "card.pan/1 9999100000002933\n");
        coalition.write("a", "broken.txt", "# of ours\ncard.pan/1 9999100000002934\n");
        coalition.write("a", "latin.txt", b"# of ours\n# caf\xe9\n");
        for (list, problem) in [
            ("", "a differs in the suppression digest"),
            ("--suppression other.txt", "a differs in the suppression digest"),
            ("--suppression broken.txt", "broken.txt: suppression list, line 2: expected a value that"),
            ("--suppression latin.txt", "latin.txt: suppression list, line 2: expected UTF-8 text"),
            ("--suppression missing.txt", "missing.txt: "),
        ] {
            let run = coalition.run("a", &format!("{tokenize} {list}"));
            assert_eq!(run.code, Some(1), "{list}");
            assert!(run.stderr.contains(problem) && !run.stderr.contains("9999"), "{list}: {}", run.stderr);
            assert!(!coalition.file("a", "sets").exists(), "{list}");
        }
    }
}
