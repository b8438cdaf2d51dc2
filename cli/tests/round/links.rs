//! Trails at a member: from its rows to links, and from the answer to its own subjects.

use std::fs;
use std::io::Read as _;

use crate::support::coalition::{Coalition, HUB};
use crate::support::hub::name;
use crate::support::run::Run;
use veilmatch::member::identifier::Kind;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::linking::Pseudonyms;
use veilmatch::round::TrailRules;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::trail::Links;
use veilmatch::{Disclosure, Round};

const MEMBERS: [&str; 3] = ["a", "b", "c"];
const COLUMNS: &str = "--column card=card.pan --column mail=email.mailbox --input rows.csv";
const SUBJECTS: &str = "--subject-column customer";

/// Customer 17 of a, a case, has a mailbox of customer 23 of b, who has a card of customer 31 of c.
const ROWS: [&str; 3] = [
    "customer,card,mail,case\n\
     17,9999100000001562,,\n\
     18,9999100000002933,eighteen@example.com,Victim\n\
     17,,shared@example.com,\n\
     17,,,offender\n",
    "customer,card,mail,case\n\
     22,9999100000004566,twenty@example.com,\n\
     23,,shared@example.com,\n\
     23,9999100000005571,,\n",
    "customer,card,mail,case\n\
     31,9999100000005571,,\n\
     32,9999100000006942,thirty@example.com,\n",
];

/// What must be said nowhere but in the member's own input.
const SILENT: [&str; 4] = ["99991000", "example.com", "shared", "eighteen"];

/// A round whose manifest allows trails, to the sets.
fn coalition(sealed: bool, rules: impl FnOnce(&mut TrailRules)) -> Coalition {
    let terms = "--at-least 2 --kind card.pan --kind email.mailbox --policy counts";
    let coalition = Coalition::new(&MEMBERS, sealed, terms);
    allow_trails(&coalition, rules);
    for (who, rows) in MEMBERS.iter().zip(ROWS) {
        coalition.write(who, "rows.csv", rows);
    }
    coalition
}

fn round(coalition: &Coalition) -> Round {
    Round::from_bytes(&fs::read(coalition.file(HUB, "round.json")).unwrap()).unwrap()
}

fn allow_trails(coalition: &Coalition, rules: impl FnOnce(&mut TrailRules)) {
    let mut manifest = round(coalition).manifest().clone();
    let mut trail = TrailRules::for_kinds(manifest.kinds.iter().map(|rules| &rules.kind));
    rules(&mut trail);
    manifest.trail = Some(trail);
    let bytes = Round::new(manifest).unwrap().to_bytes();
    MEMBERS.iter().chain(&[HUB]).for_each(|who| coalition.write(who, "round.json", &bytes));
}

/// Tokenises, matches and carries each member its shares.
fn matched(coalition: &Coalition) {
    let sets: Vec<String> = MEMBERS.iter().flat_map(|who| coalition.tokenize(who, COLUMNS_ALONE)).collect();
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for who in MEMBERS {
        fs::create_dir_all(coalition.file(who, "shares")).unwrap();
        for kind in ["card.pan-1", "email.mailbox-1"] {
            let name = format!("{who}.{kind}.vsh");
            coalition.carry(HUB, &format!("result/{name}"), who, &format!("shares/{name}"));
        }
    }
}

const COLUMNS_ALONE: &str = "--column card=card.pan --column mail=email.mailbox";

/// What every command of these tests takes; a key in trials too.
fn part(who: &str) -> String {
    format!("--round round.json --secret-file secret --member {who} --identity own.key")
}

fn link(coalition: &Coalition, who: &str, more: &str) -> Run {
    coalition.run(
        who,
        &format!("link {} {COLUMNS} --share shares --seed-column case --out links {more}", part(who)),
    )
}

fn linked(coalition: &Coalition, more: &str) -> Vec<Run> {
    let linked = MEMBERS.iter().map(|who| {
        let run = link(coalition, who, &format!("--force {more}"));
        assert_eq!(run.code, Some(0), "{who}: {}", run.stderr);
        coalition.carry(who, &format!("links/{who}.vml"), HUB, &format!("{who}.vml"));
        run
    });
    linked.collect()
}

/// The hub follows the trails, and carries each member its answer.
fn answered(coalition: &Coalition) {
    let run = coalition.run(
        HUB,
        &format!(
            "trail --round round.json {} --hub-only result/hub-only.json --force --out trails a.vml b.vml c.vml",
            coalition.identity()
        ),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    MEMBERS.iter().for_each(|who| coalition.carry(HUB, &format!("trails/{who}.vmt"), who, "own.vmt"));
}

fn resolve(coalition: &Coalition, who: &str, more: &str) -> Run {
    coalition.run(who, &format!("resolve {} {COLUMNS_ALONE} --trail own.vmt {more}", part(who)))
}

/// The list of a member, without the random id of the only trail.
fn list(coalition: &Coalition, who: &str, more: &str) -> String {
    let run = resolve(coalition, who, more);
    assert_eq!(run.code, Some(0), "{who}: {}", run.stderr);
    let id = run.stdout.lines().nth(1).map(|line| line.split(',').nth(1).unwrap().to_owned());
    id.map_or(run.stdout.clone(), |id| run.stdout.replace(&id, "ID"))
}

fn assert_silent(run: &Run, what: &str) {
    for text in [&run.stdout, &run.stderr] {
        SILENT.iter().for_each(|word| assert!(!text.contains(word), "{what} says {word}: {text}"));
    }
}

fn opened(coalition: &Coalition, who: &str) -> Vec<u8> {
    let bytes = fs::read(coalition.file(HUB, &format!("{who}.vml"))).unwrap();
    if !seal::is_sealed(&bytes) {
        return bytes;
    }
    let hub = Identity::read_file(&coalition.file(HUB, "own.key")).unwrap();
    let mut content = Vec::new();
    seal::open(&hub, &bytes[..]).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn links(coalition: &Coalition, who: &str) -> Links {
    Links::from_source(Box::new(opened(coalition, who)), who).unwrap()
}

// --- From rows to rows ----------------------------------------------------------------------------------

#[test]
fn a_case_leads_over_three_members_to_the_rows_of_each() {
    let coalition = coalition(true, |rules| rules.disclosure = Disclosure::Holders);
    matched(&coalition);
    let runs = linked(&coalition, SUBJECTS);
    let said = "veilmatch: card.pan/1: 0 identifiers, 0 links\n\
                veilmatch: email.mailbox/1: 1 identifiers, 1 links\n\
                veilmatch: 1 subjects, 1 of them seeds\n\
                veilmatch: 1 seeds have no identifier that others have too; they are not sent\n";
    assert_eq!(runs[0].stderr, said);
    runs.iter().for_each(|run| assert_silent(run, "link"));
    answered(&coalition);

    let head = "rows,trail,distance,kind,behind,members\n";
    let options = format!("--input rows.csv {SUBJECTS}");
    let of = |who| list(&coalition, who, &options);
    assert_eq!(of("a"), format!("{head}1 3 4,ID,0,email.mailbox/1,1,a b c\n"));
    assert_eq!(of("b"), format!("{head}2 3,ID,1,card.pan/1,1,a b c\n2 3,ID,1,email.mailbox/1,1,a b c\n"));
    assert_eq!(of("c"), format!("{head}1,ID,2,card.pan/1,1,a b c\n"));
    let run = resolve(&coalition, "a", &format!("{options} --html page.html --log run.log"));
    assert!(run.stderr.starts_with("veilmatch: 1 trails have subjects of ours\n"), "{}", run.stderr);
    assert_silent(&run, "resolve");
    let page = fs::read_to_string(coalition.file("a", "page.html")).unwrap();
    assert!(page.contains("rows 1 3 4") && page.contains("email.mailbox/1"));
    let record = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    assert!(record.contains("nonce-sha256") && !record.contains(&run.stdout[40..72]), "{record}");
    SILENT.iter().for_each(|word| assert!(!page.contains(word) && !record.contains(word), "{word}"));
}

#[test]
fn links_have_neither_names_nor_tokens_nor_reasons() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    linked(&coalition, SUBJECTS);
    for who in MEMBERS {
        let bytes = opened(&coalition, who);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let words = ["offender", "ictim", "customer", "shared", "99991000"];
        words.iter().for_each(|word| assert!(!text.contains(word), "{who}: {word}"));
        // No token of the sets.
        for kind in ["card.pan-1", "email.mailbox-1"] {
            let share = fs::read(coalition.file(who, &format!("shares/{who}.{kind}.vsh"))).unwrap();
            let own = Identity::read_file(&coalition.file(who, "own.key")).unwrap();
            let mut content = Vec::new();
            seal::open(&own, &share[..]).unwrap().read_to_end(&mut content).unwrap();
            for token in veilmatch::Share::from_file_bytes(&content).unwrap().tokens() {
                assert!(!bytes.windows(16).any(|window| window == token.as_bytes()), "{who}, {kind}");
            }
        }
    }
    // The pseudonym is that of the customer, by the member's own key.
    let own = Identity::read_file(&coalition.file("a", "own.key")).unwrap();
    let customer = Pseudonyms::new(&own, &round(&coalition).digest()).of(b"17", 0, 1);
    assert!(opened(&coalition, "a").windows(16).any(|window| window == customer.0));
    // b and c link one card, under one name.
    let secret = CoalitionSecret::read_file(&coalition.file("a", "secret")).unwrap();
    let (round, kind) = (round(&coalition), Kind::CardPan.kind_id());
    let tokenizer = round.tokenizer(&secret, &kind, &name("a")).unwrap();
    let token = tokenizer.token(b"9999100000005571").unwrap().unwrap();
    let linked = round.link_keys(&secret).unwrap().link_token(&kind, &token).unwrap();
    let count =
        |who| opened(&coalition, who).windows(16).filter(|window| window == linked.as_bytes()).count();
    assert_eq!(MEMBERS.map(count), [0, 1, 1]);
}

// --- Seeds ----------------------------------------------------------------------------------------------

#[test]
fn another_word_than_a_reason_is_refused_by_its_row_and_never_repeated() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    coalition.write("a", "rows.csv", ROWS[0].replace("offender", "suspect"));
    let run = link(&coalition, "a", SUBJECTS);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("rows.csv, row 4, line 5: expected offender, victim, unknown or nothing"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("suspect"), "{}", run.stderr);
    assert!(!coalition.file("a", "links").exists());
}

#[test]
fn more_seeds_than_the_manifest_allows_are_refused_before_anything_is_written() {
    let coalition = coalition(true, |rules| rules.max_seeds = 1);
    matched(&coalition);
    linked(&coalition, SUBJECTS); // the one of a that has no link does not count
    coalition.write("b", "rows.csv", ROWS[1].replace(",\n", ",unknown\n"));
    fs::remove_dir_all(coalition.file("b", "links")).unwrap();
    let run = link(&coalition, "b", ""); // each row is a subject
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("marks 2 seeds with links, and the manifest allows 1"), "{}", run.stderr);
    assert!(!coalition.file("b", "links").exists());
    assert_eq!(link(&coalition, "b", SUBJECTS).code, Some(0), "both rows are of one customer");
}

// --- Subjects -------------------------------------------------------------------------------------------

#[test]
fn without_a_column_of_subjects_each_row_is_one() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    coalition.write("a", "rows.csv", ROWS[0].replace("shared@example.com,", "shared@example.com,unknown"));
    linked(&coalition, "");
    assert_eq!([0, 1, 2].map(|at| links(&coalition, MEMBERS[at]).subjects()), [1, 2, 1]);
    answered(&coalition);
    let head = "rows,trail,distance,kind,behind,members\n";
    assert_eq!(list(&coalition, "a", "--input rows.csv"), format!("{head}3,ID,0,email.mailbox/1,1,2\n"));
    assert_eq!(list(&coalition, "b", "--input rows.csv"), format!("{head}2,ID,1,email.mailbox/1,1,2\n"));
    assert_eq!(list(&coalition, "c", "--input rows.csv"), head, "the rows of b's customer are two subjects");
}

#[test]
fn empty_cells_are_subjects_of_their_own_and_rows_of_several_files_say_which() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    let (head, rows) = ROWS[1].split_once('\n').unwrap();
    let rows: Vec<String> = rows.lines().map(|row| format!("{row}\n")).collect();
    coalition.write("b", "one.csv", format!("{head}\n{}{}", rows[0], rows[1]));
    coalition.write("b", "two.csv", format!("{head}\n{}", rows[2].replace("23,", ",")));
    linked(&coalition, SUBJECTS);
    let two = format!("link {} {COLUMNS_ALONE} --share shares {SUBJECTS} --out links --force", part("b"));
    coalition.done("b", &format!("{two} --input one.csv two.csv"));
    coalition.carry("b", "links/b.vml", HUB, "b.vml");
    assert_eq!(links(&coalition, "b").subjects(), 2);
    coalition.write("c", "rows.csv", ROWS[2].replace("5571,,", "5571,,unknown"));
    coalition.done(
        "c",
        &format!(
            "link {} {COLUMNS} --share shares {SUBJECTS} --seed-column case --out links --force",
            part("c")
        ),
    );
    coalition.carry("c", "links/c.vml", HUB, "c.vml");
    answered(&coalition);
    let run = resolve(&coalition, "b", &format!("--input one.csv two.csv {SUBJECTS}"));
    let mut lines: Vec<(&str, &str, &str)> = { run.stdout.lines().skip(1) }
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|cells| (cells[0], cells[2], cells[3]))
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [("1:2", "1", "email.mailbox/1"), ("2:1", "1", "card.pan/1")], "{}", run.stderr);
}

#[test]
fn exports_that_name_the_kind_of_each_row_are_linked_and_resolved() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    linked(&coalition, SUBJECTS);
    let rows = "kind,value,customer,case\n\
                card.pan,9999100000001562,17,\n\
                email.mailbox,eighteen@example.com,18,\n\
                card.pan,9999100000002933,18,victim\n\
                email.mailbox,shared@example.com,17,offender\n";
    coalition.write("a", "own.csv", rows);
    let source = format!("--kind-column kind --value-column value --input own.csv {SUBJECTS}");
    coalition.done(
        "a",
        &format!("link {} {source} --seed-column case --share shares --out links --force", part("a")),
    );
    coalition.carry("a", "links/a.vml", HUB, "a.vml");
    answered(&coalition);
    let run = coalition.done("a", &format!("resolve {} {source} --trail own.vmt", part("a")));
    assert!(run.stdout.lines().nth(1).unwrap().starts_with("1 4,"), "{}", run.stdout);
}

// --- What is left out -----------------------------------------------------------------------------------

#[test]
fn a_member_learns_which_of_its_rows_were_left_out() {
    let coalition = coalition(true, |rules| (rules.max_degree, rules.max_trail) = (1, 2));
    let rows = ROWS[0].to_owned() + "19,,shared@example.com,\n20,9999100000006942,,unknown\n";
    coalition.write("a", "rows.csv", rows);
    coalition.write("b", "rows.csv", ROWS[1].to_owned() + "24,9999100000006942,,\n");
    matched(&coalition);
    linked(&coalition, SUBJECTS);
    answered(&coalition);
    let run = resolve(&coalition, "a", &format!("--input rows.csv {SUBJECTS}"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let alone = "email.mailbox/1: 1 identifiers left out for us alone, since too many of our subjects have them: rows 3 5\n";
    assert!(run.stderr.contains(alone), "{}", run.stderr);
    let too_large = "1 of our seeds have trails too large to be given out: rows 6\n";
    assert!(run.stderr.contains(too_large), "{}", run.stderr);
    assert_silent(&run, "resolve");
}

// --- Wrong moves ----------------------------------------------------------------------------------------

#[test]
fn an_answer_that_other_rows_are_asked_for_is_refused_by_numbers() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    linked(&coalition, SUBJECTS);
    answered(&coalition);
    let refused = |run: Run, words: &str| {
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_silent(&run, "resolve");
    };
    let strange = "1 subjects and 1 identifiers of the answer are not in these rows of a";
    refused(resolve(&coalition, "a", "--input rows.csv"), strange);
    // The subject is there, and its identifier is another's now.
    coalition.write("a", "other.csv", ROWS[0].replace("17,,shared", "18,,shared"));
    let strange = "0 subjects and 1 identifiers of the answer are not in these rows of a";
    refused(resolve(&coalition, "a", &format!("--input other.csv {SUBJECTS}")), strange);
    // Another member's answer opens only there.
    coalition.carry(HUB, "trails/b.vmt", "a", "own.vmt");
    assert_eq!(resolve(&coalition, "a", &format!("--input rows.csv {SUBJECTS}")).code, Some(1));
}

#[test]
fn rows_that_were_not_matched_are_not_linked() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    coalition.write("a", "rows.csv", ROWS[0].replace("eighteen", "nineteen"));
    let run = link(&coalition, "a", SUBJECTS);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("another set of a than these rows give"), "{}", run.stderr);
    assert!(!coalition.file("a", "links").exists());
    coalition.write("a", "rows.csv", ROWS[0]);
    let cards = "shares/a.card.pan-1.vsh";
    coalition.carry("a", cards, "a", "again.vsh");
    let command = format!("link {} {COLUMNS} --out links", part("a"));
    let run = coalition.run("a", &format!("{command} --share {cards} again.vsh"));
    assert!(run.stderr.contains("two shares of card.pan/1: expected one for each kind"), "{}", run.stderr);
    let run = coalition.run("a", &format!("{command} --share {cards}"));
    assert!(
        run.stderr.contains("email.mailbox/1: no share was given, so nothing of it is linked"),
        "{}",
        run.stderr
    );
    assert_eq!(run.code, Some(0));
}

#[test]
fn a_trial_writes_links_as_they_are_and_still_needs_a_key_file() {
    let coalition = coalition(false, |_| {});
    matched(&coalition);
    let without = format!("link {} {COLUMNS} --share shares --out links", coalition.part("a"));
    let run = coalition.run("a", &without);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("expected --identity, in a trial too"), "{}", run.stderr);
    linked(&coalition, SUBJECTS);
    assert_eq!((links(&coalition, "a").signer(), links(&coalition, "a").seeds()), (None, 1));
    answered(&coalition);
    let options = format!("--input rows.csv {SUBJECTS}");
    assert!(list(&coalition, "a", &options).contains("1 3 4,ID,0,email.mailbox/1,1,3\n"));
    // Another key file gives other pseudonyms.
    coalition.done("a", "keygen --identity --out other.key");
    let run = coalition.run(
        "a",
        &format!(
            "resolve {} {COLUMNS} {SUBJECTS} --trail own.vmt",
            part("a").replace("own.key", "other.key")
        ),
    );
    assert!(run.stderr.contains("1 subjects and 1 identifiers"), "{}", run.stderr);
}

#[test]
fn a_round_without_trails_links_nothing() {
    let coalition = coalition(true, |_| {});
    coalition.new_round("--at-least 2 --kind card.pan --kind email.mailbox");
    matched(&coalition);
    let run = link(&coalition, "a", SUBJECTS);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("expected a round whose manifest allows trails"), "{}", run.stderr);
}

#[test]
fn options_of_other_lists_do_not_go_with_a_trail() {
    let coalition = coalition(true, |_| {});
    for more in
        ["--share own.vsh", "--notice own.vmn", "--with-values", "--list-format parquet", "--memory 1GiB"]
    {
        let run = resolve(&coalition, "a", &format!("--input rows.csv {more}"));
        assert_eq!(run.code, Some(2), "{more}: {}", run.stderr);
        assert!(run.stderr.contains("cannot be used with"), "{more}: {}", run.stderr);
    }
}

/// Without a bridge there is no trail, and that must not look like an answer.
#[test]
fn missing_links_are_refused_by_member_and_kind_unless_that_was_allowed() {
    let coalition = coalition(true, |_| {});
    matched(&coalition);
    linked(&coalition, SUBJECTS);
    let trail = |more: &str| {
        let hub = "--round round.json --identity own.key --hub-only result/hub-only.json --out trails";
        coalition.run(HUB, &format!("trail {hub} {more} a.vml c.vml"))
    };
    let run = trail("");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("links are missing: b (card.pan/1, email.mailbox/1)"), "{}", run.stderr);
    assert!(!coalition.file(HUB, "trails").exists(), "nothing appears");
    let run = trail("--without B");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("without links of b (card.pan/1, email.mailbox/1)"), "{}", run.stderr);
    // Members hear of it: their trails may be fewer and shorter.
    coalition.carry(HUB, "trails/a.vmt", "a", "own.vmt");
    let options = format!("--input rows.csv {SUBJECTS} --html page.html");
    let run = resolve(&coalition, "a", &options);
    let said = "warning: members whose links are missing, all or those of a kind: 1; what leads through these is not found\n";
    assert!(run.code == Some(0) && run.stderr.contains(said), "{}", run.stderr);
    let page = fs::read_to_string(coalition.file("a", "page.html")).unwrap();
    assert!(page.contains("Links of 1 member are missing, all or those of a kind"), "{page}");
}
