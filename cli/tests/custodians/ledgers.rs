//! The commands evaluate and reconcile: what is answered, charged, refused and said.

use std::fs;

use veilmatch::custodian::Ledger;
use veilmatch::custody::EvaluationFile;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;

use crate::requests::{Asked, COURT, evaluate};

/// What a bank reads of an answer.
fn opened(asked: &Asked, name: &str) -> EvaluationFile {
    let bank = Identity::read_file(&asked.world.file("bank-a", "own.key")).unwrap();
    let sealed = fs::read(asked.world.file(COURT, name)).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut seal::open(&bank, &sealed[..]).unwrap(), &mut bytes).unwrap();
    EvaluationFile::from_source(Box::new(bytes), name).unwrap()
}

const ANSWER: &str = "card.pan-1.bank-a.court.vme";

#[test]
fn a_request_is_answered_charged_once_and_refused_over_the_quota() {
    let asked = Asked::new();
    let part =
        asked.round.custodian_part(&veilmatch::terms::KindId::new("card.pan/1").unwrap(), &asked.custody);
    assert_eq!(part.unwrap(), 670, "floor((1000 + 6) * 2 / 3)");
    asked.ask("one.vmb", 0, 600, Vec::new());
    let run = asked.world.done(COURT, &evaluate("answers", "one.vmb"));
    assert!(
        run.stderr.contains("bank-a, card.pan/1: 600 identifiers evaluated, charged, 70 left"),
        "{}",
        run.stderr
    );
    let answer = opened(&asked, &format!("answers/{ANSWER}"));
    assert_eq!(answer.len(), 600);
    asked.round.accept_evaluation(&answer, answer.member(), &asked.custody).unwrap();

    let run = asked.world.done(COURT, &evaluate("answers", "one.vmb"));
    assert!(run.stderr.contains("charged before, 70 left"), "{}", run.stderr);
    let before = fs::read(asked.ledger()).unwrap();
    asked.ask("two.vmb", 600, 71, Vec::new());
    asked.world.refused(COURT, &evaluate("more", "two.vmb"), &["two.vmb", "71 identifiers", "70 are left"]);
    assert!(!asked.world.file(COURT, "more").exists());
    assert_eq!(fs::read(asked.ledger()).unwrap(), before);

    // The custodian and its bank look at what passed between them.
    let inspected = asked.world.done(COURT, "inspect --identity own.key one.vmb").stdout;
    assert!(inspected.starts_with("type: request\n"), "{inspected}");
    asked.world.done(COURT, "verify --identity own.key --round round.json one.vmb");
    let answer = format!("answers/{ANSWER}");
    asked.world.carry(COURT, &answer, "bank-a", ANSWER);
    let verified =
        asked.world.done("bank-a", &format!("verify --identity own.key --round round.json {ANSWER}"));
    assert!(verified.stdout.contains("valid evaluation of round"), "{}", verified.stdout);

    // Two answers of one kind to one member would have one name: the second is refused before it is charged.
    asked.ask("three.vmb", 700, 1, Vec::new());
    let words = ["three.vmb", "one request of a member and kind in one run", "the 1 before it are charged"];
    asked.world.refused(COURT, &evaluate("more", "one.vmb three.vmb"), &words);
    let run = asked.world.done(COURT, &evaluate("more", "three.vmb"));
    assert!(run.stderr.contains("1 identifiers evaluated, charged, 69 left"), "{}", run.stderr);
}

#[test]
fn an_older_ledger_another_one_and_none_stop_the_custodian() {
    let asked = Asked::new();
    let begun = fs::read(asked.ledger()).unwrap();
    asked.ask("one.vmb", 0, 3, Vec::new());
    asked.world.done(COURT, &evaluate("answers", "one.vmb"));
    let head = opened(&asked, &format!("answers/{ANSWER}")).by().head.clone();
    let last = fs::read(asked.ledger()).unwrap();

    asked.ask("two.vmb", 3, 3, vec![head]);
    fs::write(asked.ledger(), &begun).unwrap();
    asked.world.refused(
        COURT,
        &evaluate("more", "two.vmb"),
        &["two.vmb", "the custodian's ledger: line 2", "restored"],
    );
    fs::copy(asked.world.file("auditor", "step-3/auditor.ledger"), asked.ledger()).unwrap();
    asked.world.refused(COURT, &evaluate("more", "two.vmb"), &["court.ledger", "another ledger"]);
    fs::remove_file(asked.ledger()).unwrap();
    asked.world.refused(COURT, &evaluate("more", "two.vmb"), &["court.ledger"]);
    assert!(!asked.world.file(COURT, "more").exists() && !asked.ledger().exists());
    fs::write(asked.ledger(), &last).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(asked.ledger(), fs::Permissions::from_mode(0o600)).unwrap();
    }
    asked.world.done(COURT, &evaluate("more", "two.vmb"));
    assert_eq!(Ledger::read_file(&asked.ledger()).unwrap().charges().count(), 2);
}

#[test]
fn reconciling_names_tokens_that_nobody_was_charged_for() {
    let asked = Asked::new();
    asked.ask("one.vmb", 0, 300, Vec::new());
    asked.world.done(COURT, &evaluate("answers", "one.vmb"));
    let names = ["auditor", "court", "registry"];
    for who in names {
        let ledger = format!("step-3/{who}.ledger");
        asked.world.carry(who, &ledger, "auditor", &format!("{who}.ledger"));
    }
    let all = names.map(|who| format!("--ledger {who}.ledger")).join(" ");
    let reconcile = format!("custodian reconcile --custody custody.json {all}");
    let run = asked.world.done("auditor", &reconcile);
    assert_eq!(
        run.stdout,
        "bank-a card.pan/1: charged by auditor 0, court 300, registry 0; enough custodians evaluated 0, too few 300; at most \
         150 tokens\n"
    );
    for (tokens, code) in [(150, 0), (151, 1)] {
        let of_member = format!(r#"{{"name":"bank-a","unique":{tokens}}}"#);
        let report = format!(
            r#"{{"coalition":"efc","epoch":7,"kinds":[{{"kind":"card.pan/1","members":[{of_member}]}}]}}"#
        );
        let hub = asked.world.file("auditor", "hub-only.json");
        fs::write(&hub, format!(r#"{{"report":{report}}}"#)).unwrap();
        let run = asked.world.run("auditor", &format!("{reconcile} --hub hub-only.json --format json"));
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        assert!(
            run.stdout.contains(&format!(r#""tokens":{tokens},"strange_tokens":{}"#, code == 1)),
            "{}",
            run.stdout
        );
    }
    // One ledger alone: the others may have answered all they may.
    let run = asked.world.done(
        "auditor",
        "custodian reconcile --custody custody.json --ledger court.ledger --hub hub-only.json",
    );
    assert!(run.stdout.contains("at most 820 tokens; the hub has 151"), "{}", run.stdout);
}
