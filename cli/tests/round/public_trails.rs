//! Trails over real public lists, counted by a plain search beside the program.
//!
//! Three lists of addresses of Ethereum are three members. `makers` has contracts, and a customer of it is whoever made
//! them: the address of the maker and those of its contracts lead to it. `labels` and `phishing` have addresses under the
//! names that a block explorer gave them, and a customer is a name. The confirmed cases are the makers of whom the list
//! says that they phish: which names of the other lists are theirs?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::coalition::{Coalition, HUB};
use crate::support::shared::shared;
use serde_json::Value;

const MEMBERS: [&str; 3] = ["labels", "makers", "phishing"];
const MAX_DEGREE: usize = 25;

/// A row: customer, whether it is a case, and the addresses.
struct Row {
    customer: String,
    is_case: bool,
    addresses: Vec<String>,
}

/// The rows of the members, from the lists.
fn rows() -> Option<[Vec<Row>; 3]> {
    let list = |name: &str| -> Option<Vec<BTreeMap<String, String>>> {
        let path = shared(&format!("data/forta_{name}.csv"))?;
        let mut reader = csv::Reader::from_path(&path).unwrap();
        Some(reader.deserialize().map(|row| row.unwrap()).collect())
    };
    let row = |customer: &String, addresses: &[&String], is_case| Row {
        customer: customer.clone(),
        is_case,
        addresses: addresses.iter().map(|address| (*address).clone()).collect(),
    };
    let labels = list("etherscan_malicious_labels")?.into_iter();
    let labels = labels.map(|of| row(&of["wallet_tag"], &[&of["banned_address"]], false));
    let makers = list("malicious_smart_contracts")?.into_iter().map(|of| {
        let addresses = [&of["contract_address"], &of["contract_creator"]];
        row(&of["contract_creator"], &addresses, of["contract_creator_etherscan_label"] == "phish-hack")
    });
    let phishing = list("phishing_scams")?.into_iter();
    let phishing = phishing.map(|of| row(&of["etherscan_tag"], &[&of["address"]], false));
    Some([labels.collect(), makers.collect(), phishing.collect()])
}

/// As the member keeps it: a column of customers, of cases, and one or two of addresses.
fn export(rows: &[Row]) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["customer", "case", "address", "maker"]).unwrap();
    for row in rows {
        let case = if row.is_case { "offender" } else { "" };
        let maker = row.addresses.get(1).map_or("", String::as_str);
        out.write_record([row.customer.as_str(), case, &row.addresses[0], maker]).unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

/// A trail: the member of its seed, and by distance the number of subjects of each member.
type Rings = (String, BTreeMap<u64, BTreeMap<String, u64>>);

/// What the hub should see, by plain search over plain text.
fn expected(members: &[Vec<Row>; 3]) -> Vec<Rings> {
    type Subject = (usize, String);
    let mut addresses: BTreeMap<String, BTreeSet<Subject>> = BTreeMap::new();
    let mut cases: BTreeSet<Subject> = BTreeSet::new();
    for (member, rows) in members.iter().enumerate() {
        for (number, row) in rows.iter().enumerate() {
            let alone = format!("row {number}");
            let subject = (member, if row.customer.is_empty() { alone } else { row.customer.clone() });
            let known = row.addresses.iter().filter(|address| address.len() == 42);
            known.for_each(|address| {
                addresses.entry(address.to_lowercase()).or_default().insert(subject.clone());
            });
            if row.is_case {
                cases.insert(subject);
            }
        }
    }
    addresses.retain(|_, subjects| {
        let of = |member| subjects.iter().filter(|subject| subject.0 == member).count();
        let all: Vec<usize> = (0..3).map(of).filter(|number| *number > 0).collect();
        let hot = all.iter().any(|number| *number > MAX_DEGREE) || all.iter().sum::<usize>() > 4 * MAX_DEGREE;
        assert!(!hot, "no address of these lists is common");
        all.len() > 1
    });
    let mut of_subject: BTreeMap<&Subject, Vec<&String>> = BTreeMap::new();
    for (address, subjects) in &addresses {
        subjects.iter().for_each(|subject| of_subject.entry(subject).or_default().push(address));
    }
    let mut found = Vec::new();
    for case in cases.iter().filter(|case| of_subject.contains_key(case)) {
        let mut distances = BTreeMap::from([(case, 0)]);
        for step in 1..=2 {
            let near: Vec<&Subject> = distances.keys().copied().collect();
            let next =
                near.iter().flat_map(|subject| &of_subject[subject]).flat_map(|address| &addresses[*address]);
            next.for_each(|subject| {
                distances.entry(subject).or_insert(step);
            });
        }
        let mut rings: BTreeMap<u64, BTreeMap<String, u64>> = BTreeMap::new();
        for ((member, _), distance) in distances {
            *rings.entry(distance).or_default().entry(MEMBERS[*member].to_owned()).or_default() += 1;
        }
        found.push((MEMBERS[case.0].to_owned(), rings));
    }
    found.sort();
    found
}

/// What the hub's `trails.json` has.
fn seen(json: &Value) -> Vec<Rings> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let ring = |ring: &Value| {
        let of = ring["members"].as_array().unwrap().iter();
        let of = of.map(|one| (text(&one["member"]), one["subjects"].as_u64().unwrap()));
        (ring["distance"].as_u64().unwrap(), of.collect())
    };
    let trail = |trail: &Value| {
        (text(&trail["seed_of"]), trail["rings"].as_array().unwrap().iter().map(ring).collect())
    };
    let mut seen: Vec<Rings> = json["trails"].as_array().unwrap().iter().map(trail).collect();
    seen.sort();
    seen
}

#[test]
fn trails_over_three_public_lists_are_those_of_a_plain_search() {
    let Some(members) = rows() else { return };
    let coalition = Coalition::new(&MEMBERS, true, "--at-least 2 --kind crypto.evm --trail --max-seeds 1000");
    let columns = |who: &str| match who {
        "makers" => "--column address=crypto.evm --column maker=crypto.evm",
        _ => "--column address=crypto.evm",
    };
    let mut sets = Vec::new();
    for (who, rows) in MEMBERS.iter().zip(&members) {
        coalition.write(who, "rows.csv", export(rows));
        sets.extend(coalition.tokenize(who, columns(who)));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    for who in MEMBERS {
        let share = format!("{who}.crypto.evm-1.vsh");
        coalition.carry(HUB, &format!("result/{share}"), who, &share);
        let subjects = "--subject-column customer --seed-column case --input rows.csv --out links";
        coalition
            .done(who, &format!("link {} {} {subjects} --share {share}", coalition.part(who), columns(who)));
        coalition.carry(who, &format!("links/{who}.vml"), HUB, &format!("{who}.vml"));
    }
    let links = "labels.vml makers.vml phishing.vml";
    let options = "--round round.json --identity own.key --hub-only result/hub-only.json --out trails";
    let run = coalition.done(HUB, &format!("trail {options} {links}"));

    let json = fs::read(coalition.file(HUB, "trails/trails.json")).unwrap();
    let (seen, expected) = (seen(&serde_json::from_slice(&json).unwrap()), expected(&members));
    assert_eq!(seen, expected);
    let members = |rings: &Rings| rings.1.values().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>().len();
    let over_three = expected.iter().filter(|rings| members(rings) == 3).count();
    let two_steps = expected.iter().filter(|rings| rings.1.contains_key(&2)).count();
    let subjects: u64 = expected.iter().flat_map(|rings| rings.1.values()).flat_map(BTreeMap::values).sum();
    assert_eq!(run.stderr, "veilmatch: 485 seeds, 485 trails, 0 too large to be given out\n");
    assert_eq!(
        (over_three, two_steps, subjects),
        (485, 123, 3343),
        "of these lists, counted by another program"
    );
}
