//! Three custodians, of whom two are needed, beside the members and the hub of a coalition.

use std::fs::{self, File};
use std::io::{BufReader, Read as _, Write as _};

use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::PublicKeys;

use crate::support::coalition::Coalition;
use crate::support::run::Run;

pub(crate) const CUSTODIANS: [&str; 3] = ["auditor", "court", "registry"];
pub(crate) const MEMBERS: [&str; 3] = ["a", "b", "c"];
pub(crate) const COLUMN: &str = "--column wallet=crypto.evm";
pub(crate) const TERMS: &str = "--at-least 2 --kind crypto.evm";

/// The coalition with custodians' keys, and a manifest that names them.
pub(crate) fn coalition() -> Coalition {
    let all = parties();
    agree(&all, 7, TERMS);
    all
}

/// Members, hub and custodians with a key file each.
pub(crate) fn parties() -> Coalition {
    let all = Coalition::new(&MEMBERS, true, TERMS);
    for who in CUSTODIANS {
        fs::create_dir(all.of(who)).unwrap();
        all.done(who, "keygen --identity --out own.key");
        all.carry(who, "own.key.pub", "auditor", &format!("{who}.pub"));
    }
    all
}

/// The custodians make keys for an epoch, in the place of any that they had, and a manifest names them.
pub(crate) fn agree(all: &Coalition, epoch: u64, terms: &str) {
    for who in CUSTODIANS {
        let folders = ["state", "step-1", "step-2", "step-3", "answers"];
        folders.iter().for_each(|name| drop(fs::remove_dir_all(all.file(who, name))));
        ["ceremony.json", "custody.json"].iter().for_each(|name| drop(fs::remove_file(all.file(who, name))));
    }
    let mut ceremony = format!(
        "custodian ceremony --coalition efc --epoch {epoch} --kind crypto.evm/1 --threshold 2 --quota 1000 --out ceremony.json"
    );
    CUSTODIANS.iter().for_each(|who| ceremony += &format!(" --custodian {who}={who}.pub"));
    all.done("auditor", &ceremony);
    CUSTODIANS[1..].iter().for_each(|who| all.carry("auditor", "ceremony.json", who, "ceremony.json"));
    let dkg = |who: &str, step: u8, files: &str| {
        let own = format!("--ceremony ceremony.json --name {who} --identity own.key --state state");
        all.done(who, &format!("custodian dkg {own} --step {step} --out step-{step} {files}"));
    };
    let others = |who: &str| CUSTODIANS.into_iter().filter(|other| *other != who).collect::<Vec<_>>();
    CUSTODIANS.iter().for_each(|who| {
        fs::create_dir(all.file(who, "state")).unwrap();
        dkg(who, 1, "");
    });
    for who in CUSTODIANS {
        let told = others(who).into_iter().map(|from| {
            all.carry(from, &format!("step-1/{from}.step-1"), who, &format!("{from}.step-1"));
            format!("{from}.step-1")
        });
        let told = told.collect::<Vec<_>>().join(" ");
        dkg(who, 2, &told);
    }
    for who in CUSTODIANS {
        let mut files = String::new();
        for from in others(who) {
            let dealt = format!("{from}.{who}.step-2");
            all.carry(from, &format!("step-2/{dealt}"), who, &dealt);
            files += &format!("{from}.step-1 {dealt} ");
        }
        dkg(who, 3, &files);
        all.carry(who, &format!("step-3/{who}.custody"), "auditor", &format!("{who}.custody"));
    }
    all.done(
        "auditor",
        "custodian publish --ceremony ceremony.json --out custody.json auditor.custody court.custody registry.custody",
    );
    MEMBERS.into_iter().chain(["court", "registry"]).for_each(|who| {
        all.carry("auditor", "custody.json", who, "custody.json");
    });
    all.new_round(&format!("--epoch {epoch} {terms} --custody custody.json"));
    CUSTODIANS.iter().for_each(|who| all.carry("a", "round.json", who, "round.json"));
}

/// What a command of a member takes besides its own options.
pub(crate) fn agreed(who: &str) -> String {
    format!("--round round.json --custody custody.json --member {who} --identity own.key --cache cache")
}

pub(crate) fn blind(all: &Coalition, who: &str, rows: &str) -> Run {
    all.run(who, &format!("blind {} {COLUMN} --input {rows} --out asked --force", agreed(who)))
}

/// A custodian evaluates what a member asked, and the member gets the answer.
pub(crate) fn evaluate(all: &Coalition, custodian: &str, who: &str) -> String {
    let request = format!("crypto.evm-1.{who}.{custodian}.vmb");
    all.carry(who, &format!("asked/{request}"), custodian, &request);
    all.done(
        custodian,
        &format!(
            "custodian evaluate --round round.json --custody custody.json --name {custodian} --identity own.key \
             --share step-3/{custodian}.vmk --ledger step-3/{custodian}.ledger --out answers --force {request}"
        ),
    );
    let answer = format!("crypto.evm-1.{who}.{custodian}.vme");
    all.carry(custodian, &format!("answers/{answer}"), who, &answer);
    answer
}

pub(crate) fn unblind(all: &Coalition, who: &str, answers: &[String]) -> Run {
    all.run(who, &format!("unblind {} {}", agreed(who), answers.join(" ")))
}

/// Has rows of a member evaluated by these custodians.
pub(crate) fn learn(all: &Coalition, who: &str, rows: &str, custodians: &[&str]) {
    let blinded = blind(all, who, rows);
    assert_eq!(blinded.code, Some(0), "{}", blinded.stderr);
    let answers: Vec<String> = custodians.iter().map(|custodian| evaluate(all, custodian, who)).collect();
    let unblinded = unblind(all, who, &answers);
    assert_eq!(unblinded.code, Some(0), "{}", unblinded.stderr);
}

pub(crate) fn part(all: &Coalition, who: &str) -> String {
    format!("{} --custody custody.json --cache cache", all.part(who))
}

/// The key file of a role.
pub(crate) fn identity(all: &Coalition, who: &str) -> Identity {
    Identity::read_file(&all.file(who, "own.key")).unwrap()
}

/// What a file has that is sealed to a key file.
pub(crate) fn unsealed(all: &Coalition, who: &str, name: &str, own: &Identity) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sealed = BufReader::new(File::open(all.file(who, name)).unwrap());
    seal::open(own, sealed).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

pub(crate) fn sealed(to: &PublicKeys, bytes: &[u8]) -> Vec<u8> {
    let mut sealer = seal::seal(&to.seal, Vec::new()).unwrap();
    sealer.write_all(bytes).unwrap();
    sealer.finish().unwrap()
}
