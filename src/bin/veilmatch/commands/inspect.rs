//! inspect: what a file says about itself, once it is found valid.

use serde_json::Value;

use super::show;
use crate::Failure;
use crate::arguments::{Inspect, OutputFormat};
use crate::look::{Looked, look};
use crate::printable::printable;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Inspect) -> Result<(), Failure> {
    let Looked { what, header, content, .. } = look(session, &arguments.file)?;
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
                    value => writeln!(out, "{field}: {value}"),
                },
            )?)
        }
        (OutputFormat::Text, header) => Ok(writeln!(out, "type: {what}\nchecked: {checked}\n{header}")?),
    })
}
