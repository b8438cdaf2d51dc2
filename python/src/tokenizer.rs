//! Tokenizer, and the tokens and reasons of a column.

mod outcomes;
mod set_file;

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_schema::DataType;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use veilmatch::member::identifier::SuppressionList;
use veilmatch::member::rows::ColumnChunk as _;
use veilmatch::terms::{KeyContext, Name};
use veilmatch::{Error, Progress as _, Token};

use crate::array::Array;
use crate::column::{Chunk, Column};
use crate::error::OrRaise as _;
use crate::identity::Identity;
use crate::round::Round;
use crate::secret::Secret;
use crate::show;
use crate::token_set::TokenSet;
use crate::unpicklable::refuse_pickle;
use crate::watch::{self, Watch};

/// Makes the tokens of one coalition, epoch and kind. It stays at the member: whoever has it can try identifiers.
///
/// `kind` is a name such as `bank.iban`. `national_plan` says how the member's own national phone numbers are dialled,
/// such as `49/0`. `suppression` is the path of a suppression list in the place of the one that comes with the package.
///
/// It shows public terms only, and cannot be pickled or copied: give other processes the path of the secret.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Tokenizer(pub(crate) veilmatch::member::Tokenizer);

#[pymethods]
impl Tokenizer {
    #[new]
    #[pyo3(signature = (secret, *, coalition, epoch, kind, national_plan=None, suppression=None))]
    fn new(
        secret: &Secret,
        coalition: &str,
        epoch: u64,
        kind: &str,
        national_plan: Option<&str>,
        suppression: Option<PathBuf>,
    ) -> PyResult<Self> {
        let made = || {
            let kind: veilmatch::member::Kind = kind.parse()?;
            let context = KeyContext::new(Name::new(coalition)?, epoch, kind.kind_id())?;
            let tokenizer = veilmatch::member::Tokenizer::new(&secret.0, context)?;
            let tokenizer = match suppression {
                Some(path) => tokenizer.with_suppression(suppression_list(&path)?),
                None => tokenizer,
            };
            planned(tokenizer, national_plan)
        };
        made().or_raise().map(Self)
    }

    /// Returns the token of each row, as `fixed_size_binary(16)`; null where there is none.
    ///
    /// `column` is any column of strings or bytes with the Arrow interface, or a list of str, bytes and None. `progress` is
    /// called now and then with the number of rows that are done.
    #[pyo3(signature = (column, *, progress=None))]
    fn tokens(&self, py: Python<'_>, column: Column, progress: Option<Py<PyAny>>) -> PyResult<Array> {
        let chunks = watch::run(py, progress.as_ref(), |watch| {
            in_groups(column, |group| tokens(&self.0, group, watch))
        })?;
        Ok(Array::new("token", DataType::FixedSizeBinary(Token::LEN as i32), chunks))
    }

    /// Returns why a row has no token, as a dictionary column: the name of a reason, or `suppressed` for a value on the
    /// suppression list; null where there is a token.
    #[pyo3(signature = (column, *, progress=None))]
    fn reasons(&self, py: Python<'_>, column: Column, progress: Option<Py<PyAny>>) -> PyResult<Array> {
        let chunks = watch::run(py, progress.as_ref(), |watch| {
            in_groups(column, |group| reasons(&self.0, group, watch))
        })?;
        Ok(Array::new("reason", outcomes::reason_type(), chunks))
    }

    /// Returns what becomes of each row, as a column of structs, or a table by the Arrow interface: `token` and `reason`
    /// as `tokens` and `reasons` give them, and whether the value was `changed` to the kind's normal spelling, and
    /// whether there is a `warning` about it. An engine counts by these what `TokenSet.counters` has.
    #[pyo3(signature = (column, *, progress=None))]
    fn outcomes(&self, py: Python<'_>, column: Column, progress: Option<Py<PyAny>>) -> PyResult<Array> {
        let chunks = watch::run(py, progress.as_ref(), |watch| {
            in_groups(column, |group| outcomes::outcomes(&self.0, group, watch))
        })?;
        Ok(Array::new("outcome", DataType::Struct(outcomes::fields()), chunks))
    }

    /// Makes the set of a whole column: the member's tokens, sorted, each once, with counters of what became of the rows.
    #[pyo3(signature = (member, column, *, progress=None))]
    fn tokenize(
        &self,
        py: Python<'_>,
        member: &str,
        column: Column,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<TokenSet> {
        let member = Name::new(member).or_raise()?;
        let tokenized = watch::run(py, progress.as_ref(), |watch| {
            self.0.tokenize(&member, column.rows().with_progress(watch))
        })?;
        Ok(TokenSet::new(tokenized.set, tokenized.rejections))
    }

    /// Writes the file of a member's set from tokens that an engine has sorted, and returns the counters of its header. The
    /// file is that of `tokenize` and `TokenSet.write`. Memory: some megabytes, whatever the number of tokens.
    ///
    /// `tokens` are `fixed_size_binary(16)` in ascending order of bytes, each once; a stream is read piece by piece.
    /// `counters` say what became of the rows, as `TokenSet.counters`; `duplicates` is computed. `round`, `identity` and
    /// `overwrite` are those of `TokenSet.write`.
    #[pyo3(signature = (path, member, tokens, counters, *, round=None, identity=None, overwrite=false, progress=None))]
    #[expect(clippy::too_many_arguments, reason = "named arguments in Python")]
    fn write_set<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        member: &str,
        tokens: Column,
        counters: &Bound<'py, PyDict>,
        round: Option<&Round>,
        identity: Option<&Identity>,
        overwrite: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let counters = show::counters(counters)?;
        let terms = self.0.terms();
        let wanted = set_file::Wanted { terms, member, counters, round, identity, overwrite };
        let counters =
            watch::run(py, progress.as_ref(), |watch| set_file::write(&path, wanted, tokens, watch))?;
        show::dict(py, &counters)
    }

    /// Name of the coalition.
    #[getter]
    fn coalition(&self) -> &str {
        self.0.terms().context.coalition().as_str()
    }

    /// Number of the epoch.
    #[getter]
    fn epoch(&self) -> u64 {
        self.0.terms().context.epoch()
    }

    /// Id of the kind, with the version of its rule.
    #[getter]
    fn kind(&self) -> &str {
        self.0.terms().context.kind().as_str()
    }

    /// Id of the key, by which sets under different keys refuse each other. It reveals nothing of the key.
    #[getter]
    fn key_id(&self) -> String {
        self.0.terms().key_id.to_string()
    }

    /// Digest of the kind's rule: tokenizers with another one make other tokens of the same values.
    #[getter]
    fn rules(&self) -> String {
        self.0.terms().rules.to_string()
    }

    /// Digest of the suppression list.
    #[getter]
    fn suppression(&self) -> String {
        self.0.terms().suppression.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Tokenizer({})", show::terms(self.0.terms()))
    }

    /// Raises TypeError: keys are not pickled.
    fn __reduce__(&self) -> PyResult<()> {
        Err(refuse_pickle("Tokenizer"))
    }

    /// Raises TypeError: keys are not pickled.
    fn __getstate__(&self) -> PyResult<()> {
        Err(refuse_pickle("Tokenizer"))
    }
}

pub(crate) fn suppression_list(path: &std::path::Path) -> Result<Arc<SuppressionList>, Error> {
    let read = || SuppressionList::parse(&std::fs::read_to_string(path)?);
    read().map(Arc::new).map_err(|error| error.at(path.display().to_string()))
}

pub(crate) fn planned(
    tokenizer: veilmatch::member::Tokenizer,
    plan: Option<&str>,
) -> Result<veilmatch::member::Tokenizer, Error> {
    Ok(match plan {
        Some(plan) => tokenizer.with_national_plan(plan.parse()?),
        None => tokenizer,
    })
}

/// The number of rows from which chunks of a stream are worked on together: some hundred times what a thread takes at a
/// time.
const GROUP_ROWS: usize = 1 << 20;

/// The number of rows that a thread takes at a time.
const PART_ROWS: usize = 4096;

/// Reads a column group by group; each gives one chunk of the answer.
fn in_groups(
    column: Column,
    mut work: impl FnMut(&[Chunk]) -> Result<ArrayRef, Error>,
) -> Result<Vec<ArrayRef>, Error> {
    let (mut group, mut rows, mut made) = (Vec::new(), 0, Vec::new());
    for chunk in column {
        let chunk = chunk?;
        rows += chunk.rows();
        group.push(chunk);
        if rows >= GROUP_ROWS {
            made.push(work(&group)?);
            (group, rows) = (Vec::new(), 0);
        }
    }
    if rows > 0 {
        made.push(work(&group)?);
    }
    Ok(made)
}

/// Some rows of a chunk, and the places for what becomes of them.
struct Part<'a, T> {
    chunk: &'a Chunk,
    first: usize,
    out: &'a mut [T],
}

impl<T> Part<'_, T> {
    fn values(&self) -> impl Iterator<Item = &[u8]> + use<'_, T> {
        (self.first..self.first + self.out.len()).map(|row| self.chunk.value(row).unwrap_or_default())
    }
}

/// Cuts a group into parts that threads take one by one.
fn parts<'a, T>(group: &'a [Chunk], mut out: &'a mut [T]) -> Vec<Part<'a, T>> {
    let mut parts = Vec::new();
    for chunk in group {
        for first in (0..chunk.rows()).step_by(PART_ROWS) {
            let (here, rest) = out.split_at_mut(PART_ROWS.min(chunk.rows() - first));
            parts.push(Part { chunk, first, out: here });
            out = rest;
        }
    }
    parts
}

fn tokens(
    tokenizer: &veilmatch::member::Tokenizer,
    group: &[Chunk],
    watch: &Watch,
) -> Result<ArrayRef, Error> {
    let rows = group.iter().map(|chunk| chunk.rows()).sum();
    let (mut bytes, mut held) = (vec![0u8; rows * Token::LEN], vec![false; rows]);
    let places = bytes.as_chunks_mut::<{ Token::LEN }>().0;
    let work = parts(group, places).into_iter().zip(parts(group, &mut held)).collect::<Vec<_>>();
    work.into_par_iter().try_for_each(|(tokens, held)| {
        if watch.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let found: Vec<_> = tokenizer.tokens(tokens.values()).collect();
        for ((found, token), held) in found.into_iter().zip(tokens.out).zip(&mut *held.out) {
            if let Ok(Some(found)) = found {
                *token = *found.as_bytes();
                *held = true;
            }
        }
        watch.advance(held.out.len() as u64);
        Ok(())
    })?;
    let nulls = Some(NullBuffer::from(held)).filter(|nulls| nulls.null_count() > 0);
    Ok(Arc::new(FixedSizeBinaryArray::new(Token::LEN as i32, Buffer::from_vec(bytes), nulls)))
}

/// The word for a value on the suppression list; it comes after the reasons.
const SUPPRESSED: &str = "suppressed";

fn reasons(
    tokenizer: &veilmatch::member::Tokenizer,
    group: &[Chunk],
    watch: &Watch,
) -> Result<ArrayRef, Error> {
    let mut places = vec![None; group.iter().map(|chunk| chunk.rows()).sum()];
    parts(group, &mut places).into_par_iter().try_for_each(|part| {
        if watch.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let found: Vec<_> =
            tokenizer.tokens(part.values()).map(|outcome| outcomes::reason(&outcome)).collect();
        part.out.copy_from_slice(&found);
        watch.advance(found.len() as u64);
        Ok(())
    })?;
    Ok(outcomes::reason_array(places.into_iter()))
}
