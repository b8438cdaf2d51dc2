//! inspect: what a file says about itself, once it was found valid.

use serde_json::Value;
use veilmatch::terms::utc;

use super::show;
use crate::Failure;
use crate::arguments::{Inspect, OutputFormat};
use crate::files::look::{Looked, look};
use crate::session::Session;
use crate::terminal::printable::printable;

pub(crate) fn run(session: &mut Session, arguments: &Inspect) -> Result<(), Failure> {
    let Looked { what, mut header, content, .. } = look(session, &arguments.file)?;
    hide_digests_of_tokens(&mut header);
    let checked = content.standing();
    let format = arguments.format;
    show(session, move |out| match (format, header) {
        (OutputFormat::Json, header) => {
            Ok(writeln!(out, "{}", serde_json::json!({"type": what, "checked": checked, "header": header}))?)
        }
        (OutputFormat::Text, Value::Object(fields)) => {
            writeln!(out, "type: {what}\nchecked: {checked}")?;
            Ok(fields.iter().filter(|(_, value)| !value.is_null()).try_for_each(
                |(field, value)| match value {
                    Value::String(text) => writeln!(out, "{field}: {}", printable(text)),
                    value => writeln!(out, "{field}: {value}{}", readable(field, value)),
                },
            )?)
        }
        (OutputFormat::Text, header) => Ok(writeln!(out, "type: {what}\nchecked: {checked}\n{header}")?),
    })
}

/// A time as people read it, behind its seconds since 1970.
fn readable(field: &str, value: &Value) -> String {
    let is_time = ["created", "not_before", "not_after"].contains(&field);
    let time = value.as_u64().filter(|_| is_time).and_then(utc::format);
    time.map_or(String::new(), |time| format!(" ({time})"))
}

/// Takes out digests of tokens, and signatures of such digests. What is shown here ends up in mails; whoever has the
/// secret could compare a digest with guesses of what a small set holds.
fn hide_digests_of_tokens(header: &mut Value) {
    let Value::Object(fields) = header else { return };
    for (name, value) in fields {
        match (name.as_str(), &value) {
            ("root" | "base" | "own_set" | "signature", Value::String(_)) => *value = "not shown".into(),
            _ => hide_digests_of_tokens(value),
        }
    }
}
