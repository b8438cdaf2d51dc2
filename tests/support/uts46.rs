//! Unicode's conformance file for UTS 46 (`IdnaTestV2.txt`), read for the flags under which domains are written here:
//! without CheckHyphens V2 and V3 are no faults, and one final dot is removed.

use super::shared::shared_lines;

/// What ToASCII, non-transitional, makes of a domain.
pub struct Row {
    /// As it stands in the file, to be shown when it fails.
    pub line: String,
    /// Nothing for a row with a lone surrogate, which no UTF-8 text has.
    pub source: Option<String>,
    /// The result without its final dot, or nothing where it must fail.
    pub ascii: Option<String>,
    /// Why the outcome may be another.
    pub excuse: Option<&'static str>,
}

/// Every row of the file; `None` without the shared folder.
pub fn uts46_rows() -> Option<Vec<Row>> {
    let lines = shared_lines("vectors/idna_test_v2_unicode16.txt")?;
    let rows: Vec<Row> = lines
        .iter()
        .filter(|line| line.contains(';') && !line.starts_with('#'))
        .map(|line| read(line))
        .collect();
    assert!(rows.len() > 6000, "{} rows", rows.len());
    Some(rows)
}

fn read(line: &str) -> Row {
    let fields: Vec<&str> = line.split(';').map(str::trim).collect();
    let [source, unicode, unicode_status, ascii, ascii_status, ..] = fields[..] else {
        panic!("{line}: too few fields")
    };
    let line = line.to_owned();
    let or = |field: &str, inherited: &str| match field {
        "" => Some(inherited.to_owned()),
        _ => unescape(field),
    };
    let texts = unescape(source).and_then(|source| {
        let unicode = or(unicode, &source)?;
        let ascii = or(ascii, &unicode)?;
        Some((source, unicode, ascii))
    });
    let Some((source, unicode, ascii)) = texts else {
        let excuse = Some("a lone surrogate: no UTF-8 text, so `invalid_utf8`");
        return Row { line, source: None, ascii: None, excuse };
    };
    let later = |c| matches!(c, '\u{323b0}'..='\u{33479}' | '\u{3d000}'..='\u{3fc3f}');
    let excuse =
        source.chars().chain(unicode.chars()).any(later).then_some(
            "characters that Unicode 17 and 18 assigned (CJK extension J, Seal): no fault any more",
        );
    let status = if ascii_status.is_empty() { unicode_status } else { ascii_status };
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
    let fault = |code: &str| match code {
        "" | "V2" | "V3" => false,
        "A4_2" => ascii.split('.').any(|label| !matches!(label.len(), 1..=63)), // but for the final dot
        _ => true,
    };
    let valid = !status.trim_matches(['[', ']']).split(", ").any(fault);
    Row { line, source: Some(source), ascii: valid.then(|| ascii.to_owned()), excuse }
}

/// Reads the escapes of the file; `None` for a lone surrogate.
fn unescape(field: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = if field == "\"\"" { "" } else { field };
    while let Some((before, escape)) = rest.split_once('\\') {
        let (digits, after) = match escape.strip_prefix("x{") {
            Some(braced) => braced.split_once('}').unwrap(),
            None => escape.strip_prefix('u').unwrap().split_at(4),
        };
        text.push_str(before);
        text.push(char::from_u32(u32::from_str_radix(digits, 16).unwrap())?);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}
