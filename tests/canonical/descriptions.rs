//! What people are told about kinds: the library and docs/kinds.md say the same, and examples do what is said.

use veilmatch::member::identifier::{Canonical, Canonicalizer, Description, Kind, Outcome, SuppressionList};

const PAGE: &str = include_str!("../../docs/kinds.md");
const SELF_TESTS: &str = include_str!("../../spec/selftest-1.tsv");

/// Every kind, and one opaque kind that stands for all, in order of id; the name that documents give each.
fn kinds() -> Vec<(String, Kind)> {
    let mut kinds = [Kind::ALL, &["opaque.example".parse().unwrap()]].concat();
    kinds.sort_unstable();
    let name = |kind: &Kind| kind.id().split('/').next().unwrap().replace("opaque.example", "opaque.NAME");
    kinds.into_iter().map(|kind| (name(&kind), kind)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The rows of the self-test table of a kind that are accepted: input and canonical form, in hex.
fn accepted(kind: Kind) -> Vec<(&'static str, &'static str)> {
    let rows = SELF_TESTS.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let own = rows.filter(|row| row[0] == kind.id() && row[1].is_empty() && row[3] == "0");
    own.map(|row| (row[2], row[4])).collect()
}

#[test]
fn the_page_of_kinds_has_the_table_that_the_library_gives() {
    let row = |(name, kind): (String, Kind)| {
        let Description { what, standard, example, .. } = kind.description();
        let standard = standard.map_or(" ".to_owned(), |standard| format!(" {standard} "));
        format!("| `{name}` | {what} |{standard}| `{example}` |")
    };
    let table: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(table, kinds().into_iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_page_of_kinds_says_what_each_kind_takes_in_the_words_of_the_library() {
    let paragraph = |(name, kind): (String, Kind)| {
        let Description { accepts, rejects, .. } = kind.description();
        format!("**`{name}`**: {} Rejected: {rejects}.", accepts.join(" "))
    };
    let found: Vec<String> = PAGE
        .split("\n\n")
        .filter(|paragraph| paragraph.starts_with("**`"))
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(found, kinds().into_iter().map(paragraph).collect::<Vec<_>>());
}

#[test]
fn examples_are_public_values_of_the_self_tests_with_the_form_that_stands_there() {
    for (name, kind) in kinds() {
        let example = kind.description().example;
        let rule = Canonicalizer::new(kind).with_suppression(SuppressionList::none());
        let mut form = Canonical::new();
        let outcome = rule.canonicalize(example.as_bytes(), &mut form);
        assert!(matches!(outcome, Ok(Outcome::Accepted { warning: false, .. })), "{name}: {outcome:?}");
        let row = (hex(example.as_bytes()), hex(form.as_bytes()));
        let rows = accepted(kind);
        assert!(rows.contains(&(&row.0, &row.1)), "{name}: {example} is not in the table");
    }
}

/// A form that is called text is shown as it stands; any other one in hex.
#[test]
fn forms_that_are_called_text_are_printable_text() {
    for (name, kind) in kinds() {
        let rows = accepted(kind);
        let printable = |form: &str| {
            (0..form.len())
                .step_by(2)
                .all(|at| u8::from_str_radix(&form[at..at + 2], 16).is_ok_and(|byte| byte.is_ascii_graphic()))
        };
        assert!(rows.len() >= 5, "{name}");
        let all = rows.iter().all(|(_, form)| printable(form));
        assert_eq!(all, kind.description().text_form, "{name}");
    }
}
