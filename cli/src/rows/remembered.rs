//! Which options made a set, remembered beside the configuration: if `resolve` finds that the rows give another set, it can
//! say what differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use veilmatch::member::rows::Encoding;
use veilmatch::terms::{ContentDigest, KindId, Nonce, utc};
use veilmatch::{Error, Manifest};

use crate::arguments::{Delimiter, Source};
use crate::files::bounded;
use crate::output::{Makes, Pending};

const FORMAT: &str = "veilmatch options of sets 1";

/// The number of sets that are remembered, the newest ones.
const KEPT: usize = 1_000;

/// Longest file, in bytes.
const LONGEST: u64 = 16 << 20;

/// Options by their names, as far as they shape tokens.
pub(crate) type Options = BTreeMap<String, String>;

/// Which options made which sets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Remembered {
    format: String,
    /// A random nonce. The run record has the digest of this file, which so tells nothing of the sets.
    nonce: Nonce,
    sets: Vec<Made>,
}

#[derive(Serialize, Deserialize)]
struct Made {
    set: ContentDigest,
    kind: KindId,
    /// When it was made, in seconds since 1970.
    made: u64,
    options: Options,
}

impl Remembered {
    /// Reads what stands beside a configuration; nothing if no set was made with it.
    pub(crate) fn beside(config: &Path) -> Result<Self, Error> {
        let path = path(config);
        if path.symlink_metadata().is_err() {
            return Ok(Self { format: FORMAT.to_owned(), nonce: Manifest::fresh_nonce()?, sets: Vec::new() });
        }
        let read = || {
            let bytes = bounded::read_own(&path, LONGEST)?;
            Self::parse(&bytes)
                .ok_or(Error::Format { offset: 0, expected: "options of sets, as tokenize writes them" })
        };
        read().map_err(|error| error.at(path.display().to_string()))
    }

    /// Reads a file, if it is one of this sort.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|found| found.format == FORMAT)
    }

    pub(crate) fn add(&mut self, set: ContentDigest, kind: KindId, made: u64, options: &Options) {
        self.sets.retain(|of| of.set != set);
        self.sets.push(Made { set, kind, made, options: options.clone() });
        let old = self.sets.len().saturating_sub(KEPT);
        self.sets.drain(..old);
    }

    /// Writes it beside the configuration.
    pub(crate) fn write(&self, config: &Path) -> Result<Pending, Error> {
        Pending::file(&path(config), true, Makes::Options, |out| {
            serde_json::to_writer_pretty(&mut *out, self)
                .map_err(|error| Error::from(std::io::Error::from(error)))?;
            Ok(writeln!(out)?)
        })
    }

    /// Says why rows may give another set than the one that was matched, by what these options were then.
    pub(crate) fn compare(&self, set: ContentDigest, now: &Options) -> String {
        let Some(made) = self.sets.iter().find(|made| made.set == set) else {
            return "tokenize did not make that set with this configuration, or long ago".to_owned();
        };
        let when = utc::format(made.made).unwrap_or_default();
        let names = made.options.keys().chain(now.keys());
        let names: std::collections::BTreeSet<&String> = names.collect();
        let differs = names.into_iter().filter(|name| made.options.get(*name) != now.get(*name));
        let told =
            |value: Option<&String>| value.map_or("not given".to_owned(), |value| format!("{value:?}"));
        let differs: Vec<String> = differs
            .map(|name| format!("--{name} was {}, now {}", told(made.options.get(name)), told(now.get(name))))
            .collect();
        match differs.is_empty() {
            true => format!(
                "tokenize made that set at {when} with these very options: the input has changed since"
            ),
            false => format!("tokenize made that set at {when}; since then {}", differs.join("; ")),
        }
    }
}

/// Returns where the options of sets are remembered: `veilmatch.sets.json` beside `veilmatch.toml`.
fn path(config: &Path) -> PathBuf {
    config.with_extension("sets.json")
}

/// Returns the options that shape tokens.
pub(crate) fn options(source: &Source, suppression: Option<&Path>) -> Options {
    let joined = |all: Vec<String>| (!all.is_empty()).then(|| all.join(", "));
    let path = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string();
    let mut columns = source.columns.clone();
    columns.sort();
    let encoding =
        |label: &String| label.parse::<Encoding>().map_or(label.clone(), |encoding| encoding.name());
    let flag = |is_set: bool| is_set.then(|| "true".to_owned());
    let all = [
        ("input", joined(source.inputs.iter().map(|input| path(input)).collect())),
        ("kind", source.kind.clone()),
        ("column", joined(columns)),
        ("kind-column", source.kind_column.clone()),
        ("value-column", source.value_column.clone()),
        ("format", source.format.map(|format| format!("{format:?}").to_lowercase())),
        ("delimiter", source.delimiter.map(|Delimiter(byte)| char::from(byte).to_string())),
        ("encoding", source.encoding.as_ref().map(encoding)),
        ("no-header", flag(source.no_header)),
        ("no-quotes", flag(source.no_quotes)),
        ("quoted-lines", source.quoted_lines.map(|lines| lines.to_string())),
        ("national-plan", source.national_plan.clone()),
        ("suppression", suppression.map(path)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
