//! Links and trails through caches are those of version 1.

use crate::custodied::{MEMBERS, TERMS, agree, learn, part, parties};
use crate::support::coalition::HUB;

fn wallet(number: u64) -> String {
    format!("0x{:040x}", u128::from(number) << 70)
}

#[test]
fn links_and_trails_through_caches_are_those_of_version_1() {
    let all = parties();
    let terms = format!("{TERMS} --trail");
    agree(&all, 7, &terms);
    // Customer 17 of a, a case, has a wallet of customer 23 of b, who has one of customer 31 of c.
    let rows = [
        vec![("17", 1, ""), ("18", 2, ""), ("17", 3, "offender")],
        vec![("22", 4, ""), ("23", 1, ""), ("23", 5, "")],
        vec![("31", 5, ""), ("32", 6, "")],
    ];
    for (who, rows) in MEMBERS.iter().zip(rows) {
        let row =
            |(customer, number, case): &(&str, u64, &str)| format!("{customer},{},{case}\n", wallet(*number));
        all.write(
            who,
            "rows.csv",
            "customer,wallet,case\n".to_owned() + &rows.iter().map(row).collect::<String>(),
        );
        learn(&all, who, "rows.csv", &["registry", "auditor"]);
    }
    let source = "--column wallet=crypto.evm --input rows.csv --subject-column customer";
    let follow = |part: &dyn Fn(&str) -> String| {
        let mut sets = Vec::new();
        for who in MEMBERS {
            let rows = "--column wallet=crypto.evm --input rows.csv";
            all.done(who, &format!("tokenize {} {rows} --out sets --force", part(who)));
            sets.extend(all.deliver(who, "sets"));
        }
        assert_eq!(all.intersect(&sets).code, Some(0));
        let mut told = Vec::new();
        for who in MEMBERS {
            all.carry(HUB, &format!("result/{who}.crypto.evm-1.vsh"), who, "own.vsh");
            for memory in ["", "--memory 4MiB"] {
                let link = format!(
                    "link {} {source} {memory} --seed-column case --share own.vsh --out links --force",
                    part(who)
                );
                told.push(
                    all.done(who, &link).stderr.lines().filter(|line| line.contains("links")).collect(),
                );
            }
            all.carry(who, &format!("links/{who}.vml"), HUB, &format!("{who}.vml"));
        }
        all.done(
            HUB,
            "trail --round round.json --identity own.key --hub-only result/hub-only.json --force --out trails a.vml b.vml \
             c.vml",
        );
        for who in MEMBERS {
            all.carry(HUB, &format!("trails/{who}.vmt"), who, "own.vmt");
            let list = all.done(who, &format!("resolve {} {source} --trail own.vmt", part(who))).stdout;
            let id = list.lines().nth(1).map(|line| line.split(',').nth(1).unwrap().to_owned());
            told.push(id.map_or(list.clone(), |id| list.replace(&id, "ID")));
        }
        told
    };
    let second = follow(&|who: &str| part(&all, who));
    all.new_round(&terms);
    let first = follow(&|who: &str| all.part(who));
    assert_eq!(first, second);
    assert!(second[0].contains("1 links"), "{}", second[0]);
    let lists = &second[second.len() - 3..];
    assert!(lists.iter().all(|list| list.contains("ID")), "all three are on the trail: {lists:?}");
}
