//! A day of three members with exports as banks have them: other encodings, semicolons, byte-order marks, CRLF, spaced
//! IBANs, national phones in two columns, several files, an empty column, blank lines. Each has a configuration, and gets
//! customer numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::coalition::{Coalition, HUB};

const MEMBERS: [&str; 3] = ["alba", "borea", "cardhaus"];

/// A customer as somebody would write it down: the same person at every member.
struct Person {
    name: &'static str,
    iban: String,
    /// Area code and number, without the zero in front.
    landline: Option<String>,
    mobile: Option<String>,
}

/// The persons that a member has; the number of a person is at every member another customer number.
fn has(member: usize, person: usize) -> bool {
    person.is_multiple_of(member + 2) || person % 7 == member
}

fn person(number: usize) -> Person {
    let names = ["Köhler", "Müller", "Zoë Weiß", "José", "Ångström"];
    Person {
        name: names[number % 5],
        iban: iban(number as u64 / 2),
        landline: (!number.is_multiple_of(3)).then(|| format!("89 {}", 1_234_500 + number)),
        mobile: (!number.is_multiple_of(4)).then(|| format!("170 {}", 7_654_300 + number / 3)),
    }
}

/// A German IBAN: check digits by ISO 13616, that is 98 less the number modulo 97.
fn iban(account: u64) -> String {
    let bban = format!("37040044{account:010}");
    let number = format!("{bban}131400"); // D, E, 00
    let rest = number.bytes().fold(0u64, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
    format!("DE{:02}{bban}", 98 - rest)
}

/// Groups of four, as on paper.
fn spaced(iban: &str) -> String {
    let groups: Vec<&str> = (0..iban.len()).step_by(4).map(|at| &iban[at..iban.len().min(at + 4)]).collect();
    groups.join(" ")
}

fn customer(member: usize, person: usize) -> String {
    format!("{}-{:04}", ["A", "B", "C"][member], 1_000 + 7 * person)
}

const PERSONS: std::ops::Range<usize> = 0..60;

/// The rows of a member, as fields: customer number, name, IBAN, landline, mobile, and an empty remark.
fn rows(member: usize) -> Vec<[String; 6]> {
    let row = |number: usize| {
        let Person { name, iban, landline, mobile } = person(number);
        let iban = if member == 1 { iban } else { spaced(&iban) };
        let phone = |national: Option<String>| match (national, member) {
            (None, _) => String::new(),
            (Some(national), 1) => format!("+49 {national}"),
            (Some(national), _) => format!("0{}", national.replace(' ', "/")),
        };
        [customer(member, number), name.to_owned(), iban, phone(landline), phone(mobile), String::new()]
    };
    PERSONS.filter(|number| has(member, *number)).map(row).collect()
}

/// Rows as CSV, with blank lines among them and CRLF.
fn export(header: &str, delimiter: &str, rows: &[[String; 6]]) -> String {
    let mut text = format!("{header}\r\n");
    for (at, row) in rows.iter().enumerate() {
        text += &(row.join(delimiter) + if at % 5 == 2 { "\r\n\r\n" } else { "\r\n" });
    }
    text
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("a letter of Latin-1")).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Writes the exports of each member: one in Latin-1, two in UTF-8 with a mark, two in UTF-16.
fn write_exports(coalition: &Coalition) {
    let folder = |who: &str| fs::create_dir(coalition.file(who, "exports")).unwrap();
    MEMBERS.iter().for_each(|who| folder(who));
    let german = "Kundennummer;Name;IBAN;Telefon;Mobil;Bemerkung";
    coalition.write("alba", "exports/kunden.csv", latin1(&export(german, ";", &rows(0))));

    let all = rows(1);
    let (first, second) = all.split_at(all.len() / 2);
    let english = "customer,name,iban,phone,mobile,remark";
    coalition.write("borea", "exports/2026-01.csv", "\u{feff}".to_owned() + &export(english, ",", first));
    coalition.write("borea", "exports/2026-02.csv", "\u{feff}".to_owned() + &export(english, ",", second));

    let all = rows(2);
    let (first, second) = all.split_at(3);
    let tabs = german.replace(';', "\t");
    coalition.write("cardhaus", "exports/a.csv", utf16(&export(&tabs, "\t", first)));
    coalition.write("cardhaus", "exports/b.csv", utf16(&export(&tabs, "\t", second)));
}

/// What each member must learn: customer number and kind, with the number of members that have the identifier. Computed
/// from the persons alone.
fn expected(member: usize) -> BTreeSet<(String, &'static str, String)> {
    let identifiers = |number: usize| {
        let Person { name, iban, landline, mobile } = person(number);
        let digits = |phone: String| phone.replace(' ', "");
        let phones = landline.into_iter().chain(mobile).map(digits);
        let all = [("bank.iban/1", iban), ("opaque.name/1", name.to_owned())];
        all.into_iter().chain(phones.map(|phone| ("phone.e164/1", phone))).collect::<Vec<_>>()
    };
    let mut holders: BTreeMap<(&str, String), BTreeSet<usize>> = BTreeMap::new();
    for (of, number) in (0..3).flat_map(|of| PERSONS.map(move |number| (of, number))) {
        if has(of, number) {
            for id in identifiers(number) {
                holders.entry(id).or_default().insert(of);
            }
        }
    }
    let of_person = |number: usize| {
        let found = identifiers(number).into_iter().filter(|id| holders[id].len() >= 2);
        found.map(|id| (customer(member, number), id.0, holders[&id].len().to_string())).collect::<Vec<_>>()
    };
    PERSONS.filter(|number| has(member, *number)).flat_map(of_person).collect()
}

/// The lines of what `config init` wrote that the user completes.
fn complete(coalition: &Coalition, who: &str) {
    let text = fs::read_to_string(coalition.file(who, "veilmatch.toml")).unwrap();
    let name = if who == "borea" { "name" } else { "Name" };
    let replaced = text
        .replace("\"MEMBER\"", &format!("\"{who}\""))
        .replace("MEMBER.key", "own.key")
        .replace("coalition.secret", "secret")
        .replace("# national-plan", "national-plan")
        .replace(&format!("# \"{name}=KIND\""), &format!("\"{name}=opaque.name\""));
    coalition.write(who, "veilmatch.toml", replaced);
}

/// Three members and their configurations, with sets at the hub in one folder.
fn day() -> Coalition {
    let terms = "--at-least 2 --kind bank.iban --kind phone.e164 --kind opaque.name";
    let coalition = Coalition::new(&MEMBERS, true, terms);
    write_exports(&coalition);
    fs::create_dir(coalition.file(HUB, "sets")).unwrap();
    for who in MEMBERS {
        let said = coalition.done(who, "config init --input exports").stderr;
        assert!(said.contains("to be completed"), "{said}");
        complete(&coalition, who);
        let dry = coalition.done(who, "dry-run").stdout;
        assert!(dry.contains("bank.iban/1: ") && !dry.contains("rejected: checksum"), "{dry}");
        coalition.done(who, "tokenize");
        for set in coalition.names_in(who, "sets") {
            coalition.carry(who, &format!("sets/{set}"), HUB, &format!("sets/{who}.{set}"));
        }
    }
    coalition.done(HUB, "intersect --round round.json --identity own.key --out result sets");
    for who in MEMBERS {
        fs::create_dir(coalition.file(who, "shares")).unwrap();
        for share in coalition.names_in(HUB, "result") {
            if share.starts_with(&format!("{who}.")) {
                coalition.carry(HUB, &format!("result/{share}"), who, &format!("shares/{share}"));
            }
        }
    }
    coalition
}

#[test]
fn each_member_gets_the_customer_numbers_of_what_it_has_in_common_with_others() {
    let coalition = day();
    for (member, who) in MEMBERS.iter().enumerate() {
        let resolved = coalition.done(who, "resolve").stdout;
        let mut reader = csv::Reader::from_reader(resolved.as_bytes());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let at = |name: &str| header.iter().position(|column| column == name).unwrap();
        let (kind, holders, subject, line) = (at("kind"), at("holders"), at("subject"), at("line"));
        assert_eq!(header.contains(&"file".to_owned()), member > 0, "{header:?}");
        let mut found = BTreeSet::new();
        for record in reader.records() {
            let record = record.unwrap();
            found.insert((record[subject].to_owned(), record[kind].to_owned(), record[holders].to_owned()));
            // The line is the one that an editor shows.
            if member == 0 {
                let file = fs::read(coalition.file(who, "exports/kunden.csv")).unwrap();
                let text: String = file.iter().map(|byte| char::from(*byte)).collect();
                let shown = text.split("\r\n").nth(record[line].parse::<usize>().unwrap() - 1).unwrap();
                assert!(shown.starts_with(&record[subject]), "{shown}");
            }
        }
        let expected: BTreeSet<_> = expected(member)
            .into_iter()
            .map(|(subject, kind, holders)| (subject, kind.to_owned(), holders))
            .collect();
        assert!(found.len() > 40, "{found:?}");
        assert_eq!(found, expected, "{who}");
    }
}

#[test]
fn a_national_plan_that_is_forgotten_at_resolve_is_named() {
    let coalition = day();
    let text = fs::read_to_string(coalition.file("alba", "veilmatch.toml")).unwrap();
    coalition.write("alba", "veilmatch.toml", text.replace("national-plan", "# national-plan"));
    let run = coalition.run("alba", "resolve");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("--national-plan was \"49/0\", now not given"), "{}", run.stderr);
    // The command line counts in the place of the configuration.
    coalition.done("alba", "resolve --national-plan 49/0");
    // With the same options the rows must have changed.
    coalition.write("alba", "veilmatch.toml", &text);
    let file = coalition.file("alba", "exports/kunden.csv");
    let export = fs::read(&file).unwrap();
    let cut = export.len() - 120;
    fs::write(&file, &export[..export[..cut].iter().rposition(|byte| *byte == b'\n').unwrap() + 1]).unwrap();
    let run = coalition.run("alba", "resolve");
    assert!(run.code == Some(1) && run.stderr.contains("the input has changed since"), "{}", run.stderr);
}
