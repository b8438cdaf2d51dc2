//! Pages of reports, as text: `look.mjs` looks at the same ones in a browser.

mod cases;

use std::collections::BTreeSet;

use serde_json::Value;
use veilmatch::report::{KindReport, OwnKind, OwnReport, OwnRow};
use veilmatch::terms::{KindId, Name};
use veilmatch::{Reason, Report};

fn page(report: &Report) -> String {
    let mut page = Vec::new();
    report.write_html(&mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// What a reader finds on a page: its text, without markup, style and the parts of drawings.
fn text(page: &str) -> String {
    let (_, body) = page.split_once("<main").unwrap();
    let texts = body.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text));
    let text = texts.collect::<Vec<_>>().join("\n").replace('\u{202f}', "");
    ["&lt;", "&#34;", "&#39;", "&amp;"]
        .iter()
        .zip(["<", "\"", "'", "&"])
        .fold(text, |text, (from, to)| text.replace(from, to))
}

fn numbers(text: &str) -> BTreeSet<u64> {
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap()).collect()
}

/// The numbers of a report, and the words of it that have digits. A list counts by its length.
fn of_json(value: &Value, found: &mut BTreeSet<u64>, words: &mut Vec<String>) {
    match value {
        Value::Number(number) => drop(found.insert(number.as_u64().unwrap())),
        Value::String(word) => words.push(word.clone()),
        Value::Array(list) => {
            found.insert(list.len() as u64);
            list.iter().for_each(|one| of_json(one, found, words));
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter().filter(|(name, _)| *name != "schema") {
                found.extend(name.parse::<u64>());
                of_json(field, found, words);
            }
        }
        Value::Bool(_) | Value::Null => {}
    }
}

#[test]
fn every_number_of_a_page_is_in_the_report_and_the_reverse() {
    for case in cases::all() {
        let (mut expected, mut words) = (BTreeSet::new(), Vec::new());
        of_json(&serde_json::from_str(&case.report.to_json()).unwrap(), &mut expected, &mut words);
        words.extend(Reason::ALL.iter().map(|reason| reason.meaning().to_owned()));
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        let mut text = text(&page(&case.report));
        // Labels of drawings may be cut; then they are not in the report as they are.
        text = text.lines().filter(|line| !line.contains('…')).collect::<Vec<_>>().join("\n");
        words
            .iter()
            .filter(|word| word.contains(|letter: char| letter.is_ascii_digit()))
            .for_each(|word| text = text.replace(word.as_str(), " "));
        let text = text.replace("report.json", " ");
        let shown = numbers(&text);
        let strange: Vec<_> = shown.difference(&expected).collect();
        assert!(strange.is_empty(), "{}: {strange:?} on the page alone", case.name);
        if case.report.members.len() <= 64 {
            // Lengths of lists and reasons' zeros are no results; what counts is.
            let counts = counts(&case.report);
            let missing: Vec<_> = counts.difference(&shown).collect();
            assert!(missing.is_empty() && counts.len() > 3, "{}: {missing:?} in the report alone", case.name);
        }
    }
}

/// Every count of a report.
fn counts(report: &Report) -> BTreeSet<u64> {
    let of_kind = |kind: &KindReport| {
        let mut counts: Vec<u64> = kind.overlaps.into_iter().collect();
        counts.extend(kind.by_holder_count.0.iter().flatten());
        counts.extend(kind.pairs.iter().filter_map(|pair| pair.overlap));
        for one in &kind.members {
            counts.extend([
                one.rows,
                one.accepted,
                one.changed,
                one.warnings,
                one.suppressed,
                one.duplicates,
                one.unique,
            ]);
            counts.extend(one.rejected.iter().map(|(_, count)| count));
        }
        if let Some(all) = kind.combinations.as_ref().filter(|all| !all.largest.is_empty()) {
            counts.extend(all.largest.iter().map(|one| one.count).chain([all.smallest]));
            counts.extend([all.more].into_iter().filter(|more| *more > 0));
        }
        counts
    };
    report.kinds.iter().flat_map(of_kind).chain([report.at_least as u64]).collect()
}

#[test]
fn nothing_withheld_is_on_the_page() {
    let report = cases::some_withheld();
    let kind = &report.kinds[0];
    assert!(kind.overlaps.is_none() && kind.combinations.is_none());
    assert!(kind.pairs.iter().any(|pair| pair.overlap.is_some()));
    let found = text(&page(&report));
    let after = found.split_once("Overlaps by kind").unwrap().1;
    assert!(after.contains("withheld") && !after.contains("\n403\n"), "{after}");
    assert_eq!(after.matches("Withheld").count(), 2, "combinations and numbers of holders");
    // The same report with its small cells as they were draws another page: the test above compares numbers.
    let all = cases::report(&["a", "b", "c"], &["card.pan/1"], 2, 40).withholding(1_000);
    let page = page(&all);
    assert!(!page.contains("class=h1>") && !page.contains("k1-pairs") && !page.contains("k1-combinations"));
    assert!(!page.contains("class=bar d=\"M"), "a bar has no length that would tell");
}

#[test]
fn a_page_runs_nothing_and_fetches_nothing_whatever_a_purpose_is() {
    for case in cases::all() {
        let page = page(&case.report);
        assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline';"));
        for tag in [
            "<script",
            "<img",
            "<link",
            "<iframe",
            "<object",
            "<a href=h",
            "url(h",
            "@import",
            "<!--",
            "='1'",
        ] {
            assert!(!page.contains(tag), "{}: {tag}", case.name);
        }
    }
    let hostile = cases::all().into_iter().find(|case| case.name == "hostile").unwrap();
    assert!(text(&page(&hostile.report)).contains("<script>document.title"), "it shows as text");
}

#[test]
fn twelve_members_and_four_kinds_take_less_than_60_kb_and_the_same_bytes_each_time() {
    let report = cases::twelve();
    let first = page(&report);
    assert!(report.kinds.iter().all(|kind| kind.combinations.as_ref().unwrap().largest.len() == 64));
    assert!(first.len() <= 60_000, "{}", first.len());
    assert_eq!(page(&report), first);
    let read = Report::from_json(report.to_json().as_bytes()).unwrap();
    assert_eq!((page(&read), &read), (first, &report));
}

#[test]
fn a_report_that_does_not_fit_itself_is_refused_without_a_word_of_it() {
    let json = cases::some_withheld().to_json();
    let edits = [
        (r#""schema":3"#, r#""schema":4"#),
        (r#""at_least":2"#, r#""at_least":0"#),
        (r#""a":"alba-bank","b":"cardhaus""#, r#""a":"cardhaus","b":"alba-bank""#),
        (r#""2":null,"#, ""),
        (r#""duplicates":0"#, r#""duplicates":7"#),
        (r#""epoch":7,"#, ""),
        (r#""members":["alba-bank""#, r#""members":["<9999100000001562>""#),
        ("}", "9999100000001562"),
    ];
    for (from, to) in edits {
        assert!(json.contains(from), "{from} in {json}");
        let error = Report::from_json(json.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert_eq!(error.code(), "format", "{from}");
        assert!(!error.to_string().contains("9999"), "{error}");
    }
}

/// What is withheld of combinations goes by the smallest one.
#[test]
fn combinations_that_do_not_fit_their_smallest_or_their_order_are_refused() {
    let report = cases::report(&["a", "b", "c"], &["card.pan/1"], 2, 60);
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&report.to_json()).unwrap();
        edit(&mut value["kinds"][0]["combinations"]);
        Report::from_json(value.to_string().as_bytes())
    };
    assert_eq!(edited(&|_| {}).unwrap(), report);
    let edits: [&dyn Fn(&mut Value); 4] = [
        &|all| all["smallest"] = 1_000_000.into(),
        &|all| all["smallest"] = 0.into(),
        &|all| all["more"] = u64::MAX.into(),
        &|all| all["largest"].as_array_mut().unwrap().reverse(),
    ];
    for edit in edits {
        assert_eq!(edited(edit).unwrap_err().code(), "format");
    }
}

#[test]
fn a_report_of_an_earlier_version_has_no_combinations_and_is_drawn() {
    let mut value: Value =
        serde_json::from_str(&cases::report(&["a", "b"], &["card.pan/1"], 2, 60).to_json()).unwrap();
    value["kinds"][0].as_object_mut().unwrap().remove("combinations").unwrap();
    value["round"] = "ab".repeat(32).into();
    value["log"] = Value::Null;
    let report = Report::from_json(value.to_string().as_bytes()).unwrap();
    assert_eq!((report.of_round.is_none(), report.kinds[0].combinations.is_none()), (true, true));
    assert!(page(&report).contains("This report has no combinations"));
}

#[test]
fn a_members_own_page_has_a_value_only_where_rows_are_put_in() {
    let kind = KindId::new("card.pan/1").unwrap();
    let mut counts = OwnKind::new(kind.clone(), 2);
    counts.add(2, &[Name::new("bank-b").unwrap()]);
    let row = OwnRow {
        place: "<b>, row 3".into(),
        kind,
        holders: 2,
        others: Vec::new(),
        value: "<i>9999</i>".into(),
    };
    let mut own =
        OwnReport { member: Name::new("bank-a").unwrap(), of_round: None, kinds: vec![counts], rows: None };
    let page = |own: &OwnReport| {
        let mut page = Vec::new();
        own.write_html(&mut page).unwrap();
        String::from_utf8(page).unwrap()
    };
    assert!(page(&own).contains("1 own row") && !page(&own).contains("9999"));
    own.rows = Some(vec![row]);
    assert!(page(&own).contains("&lt;i>9999&lt;/i>") && page(&own).contains("&lt;b>, row 3"));
}
