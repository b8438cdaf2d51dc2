//! OwnTrails: a member's own subjects in trails.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, StringArray, StructArray, UInt8Array, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Fields};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use pyo3_arrow::error::PyArrowResult;
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};
use veilmatch::member::linking::OwnRows;
use veilmatch::report::OfRound;
use veilmatch::terms::{Disclosure, Name, Pseudonym};
use veilmatch::trail::{Answer, Lead, OwnPage, OwnSubject, OwnTrail};
use veilmatch::{Place, Round};

use crate::unpicklable::refuse_pickle;
use crate::{file, watch};

/// The member's own subjects in trails, and which of their identifiers lead on. A trail is a lead and never a verdict.
///
/// By the Arrow interface it is a table with a row for each identifier that leads on, or one for a subject without any. Its
/// columns are those of the program: `rows` of the subject (numbered from 1), `trail`, `distance` from the seed in steps,
/// `kind` of the identifier, `behind` (the number of subjects of others that have it), and `members`: the names of the
/// trail's members, or their number where the round does not name them. For an authority and case there is `stated` too.
///
/// It cannot be pickled or copied: it says which rows are near a confirmed case.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct OwnTrails {
    answer: Arc<Answer>,
    of_round: OfRound,
    /// Whether the round names the members of a trail.
    is_named: bool,
    /// The rows of each subject.
    rows: BTreeMap<Pseudonym, Vec<u64>>,
    /// What each subject is called in a statement, if that was asked for.
    stated: Option<BTreeMap<Pseudonym, Pseudonym>>,
    left_out: Vec<(String, Vec<u64>, bool)>,
}

/// A row of the table.
struct Line<'a> {
    trail: &'a OwnTrail,
    own: &'a OwnSubject,
    lead: Option<&'a Lead>,
}

impl OwnTrails {
    pub(crate) fn new(
        answer: Arc<Answer>,
        round: &Round,
        found: &OwnRows<'_>,
        stated: Option<impl Fn(&Pseudonym) -> Pseudonym>,
    ) -> Self {
        let numbers = |places: &[Place]| places.iter().map(|place| place.row).collect::<Vec<_>>();
        let own = answer.trails.iter().flat_map(|trail| &trail.own).map(|own| &own.pseudonym);
        let all = own.clone().chain(&answer.too_large);
        let rows = all.map(|subject| (*subject, numbers(found.rows(subject)))).collect();
        let stated = stated.map(|stated| own.map(|subject| (*subject, stated(subject))).collect());
        let left_out = answer
            .dropped
            .iter()
            .map(|one| (one.kind.to_string(), numbers(found.rows_of(&one.kind, &one.token)), one.for_all));
        let left_out = left_out.collect();
        let is_named = round.trail().is_ok_and(|rules| rules.disclosure == Disclosure::Holders);
        Self { answer, of_round: round.of_round(None), is_named, rows, stated, left_out }
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let own = self.answer.trails.iter().flat_map(|trail| trail.own.iter().map(move |own| (trail, own)));
        own.flat_map(|(trail, own)| {
            let none = own.leads.is_empty().then_some(Line { trail, own, lead: None });
            none.into_iter().chain(own.leads.iter().map(move |lead| Line { trail, own, lead: Some(lead) }))
        })
    }

    fn rows(&self, subject: &Pseudonym) -> &[u64] {
        &self.rows[subject]
    }

    fn fields(&self) -> Fields {
        let list = |item| DataType::List(Arc::new(Field::new_list_field(item, true)));
        let members = if self.is_named { list(DataType::Utf8) } else { DataType::UInt64 };
        let mut fields = vec![
            Field::new("rows", list(DataType::UInt64), false),
            Field::new("trail", DataType::Utf8, false),
            Field::new("distance", DataType::UInt8, false),
            Field::new("kind", DataType::Utf8, true),
            Field::new("behind", DataType::UInt64, true),
            Field::new("members", members, false),
        ];
        fields.extend(self.stated.is_some().then(|| Field::new("stated", DataType::Utf8, false)));
        fields.into()
    }

    fn table(&self, fields: Fields) -> Result<ArrayRef, ArrowError> {
        let mut rows = ListBuilder::new(UInt64Builder::new());
        let mut names = ListBuilder::new(StringBuilder::new());
        for Line { trail, own, .. } in self.lines() {
            rows.values().append_slice(self.rows(&own.pseudonym));
            rows.append(true);
            trail.names.iter().flatten().for_each(|name| names.values().append_value(name.as_str()));
            names.append(true);
        }
        let members: ArrayRef = match self.is_named {
            true => Arc::new(names.finish()),
            false => Arc::new(self.lines().map(|line| Some(line.trail.members)).collect::<UInt64Array>()),
        };
        let text = |of: &dyn Fn(&Line<'_>) -> Option<String>| -> ArrayRef {
            Arc::new(self.lines().map(|line| of(&line)).collect::<StringArray>())
        };
        let distance: UInt8Array = self.lines().map(|line| Some(line.own.distance)).collect();
        let behind: UInt64Array = self.lines().map(|line| line.lead?.behind).collect();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(rows.finish()),
            text(&|line| Some(line.trail.id.to_string())),
            Arc::new(distance),
            text(&|line| line.lead.map(|lead| lead.kind.to_string())),
            Arc::new(behind),
            members,
        ];
        if let Some(stated) = &self.stated {
            columns.push(text(&|line| Some(stated[&line.own.pseudonym].to_string())));
        }
        Ok(Arc::new(StructArray::try_new(fields, columns, None)?))
    }
}

#[pymethods]
impl OwnTrails {
    /// Rows of own seeds whose trails have more subjects than the manifest allows, for each seed: nobody is told of them.
    #[getter]
    fn too_large(&self) -> Vec<&[u64]> {
        self.answer.too_large.iter().map(|seed| self.rows(seed)).collect()
    }

    /// Number of members of whose shares the hub had no links, all or those of a kind. What leads through these is
    /// not found, so trails may be missing or shorter.
    #[getter]
    fn without(&self) -> u64 {
        self.answer.without
    }

    /// Own identifiers that were left out because too many subjects have them: kind, rows, and whether it was left out for
    /// all, or for this member alone, which has too many subjects with it.
    #[getter]
    fn left_out(&self) -> Vec<(String, Vec<u64>, bool)> {
        self.left_out.clone()
    }

    /// Returns the table as a list of dicts.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let each = self.lines().map(|Line { trail, own, lead }| {
            let line = PyDict::new(py);
            line.set_item("rows", self.rows(&own.pseudonym))?;
            line.set_item("trail", trail.id.to_string())?;
            line.set_item("distance", own.distance)?;
            line.set_item("kind", lead.map(|lead| lead.kind.as_str()))?;
            line.set_item("behind", lead.and_then(|lead| lead.behind))?;
            match &trail.names {
                Some(names) => {
                    line.set_item("members", names.iter().map(Name::as_str).collect::<Vec<_>>())?
                }
                None => line.set_item("members", trail.members)?,
            }
            if let Some(stated) = &self.stated {
                line.set_item("stated", stated[&own.pseudonym].to_string())?;
            }
            Ok(line)
        });
        each.collect()
    }

    /// Writes the trails as a page that opens offline in any browser: that of the program's `resolve --html`.
    #[pyo3(signature = (path, *, overwrite=false))]
    fn write_html(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        let rows = |subject: &Pseudonym| {
            let numbers: Vec<String> = self.rows(subject).iter().map(u64::to_string).collect();
            format!("rows {}", numbers.join(" "))
        };
        watch::run(py, None, |_| {
            let page = OwnPage { answer: &self.answer, of_round: Some(&self.of_round), rows: &rows };
            file::write(&path, overwrite, None, |out| Ok(page.write_html(out)?))
        })
    }

    fn __len__(&self) -> usize {
        self.lines().count()
    }

    fn __repr__(&self) -> String {
        let subjects: usize = self.answer.trails.iter().map(|trail| trail.own.len()).sum();
        let without = match self.answer.without {
            0 => String::new(),
            members => format!(", links of {members} members missing"),
        };
        format!("OwnTrails({} trails, {subjects} subjects{without})", self.answer.trails.len())
    }

    /// The table as a stream, by the Arrow interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyCapsule>> {
        let fields = self.fields();
        let table = self.table(fields.clone());
        let field = Arc::new(Field::new("", DataType::Struct(fields), false));
        to_stream_pycapsule(py, Box::new(ArrayIterator::new([table].into_iter(), field)), requested_schema)
    }

    /// Raises TypeError: own rows are not pickled.
    fn __reduce__(&self) -> PyResult<()> {
        Err(refuse_pickle("OwnTrails"))
    }

    /// Raises TypeError: own rows are not pickled.
    fn __getstate__(&self) -> PyResult<()> {
        Err(refuse_pickle("OwnTrails"))
    }
}
