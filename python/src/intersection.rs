//! Intersection.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::error::OrRaise as _;
use crate::query::Query;
use crate::token_set::TokenSet;

/// The sets of two members or more, about to be matched. The hub needs no secret for it.
///
/// All sets must be made under the same key and rules; any other is an error with the code `terms_differ`.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Intersection(Arc<[Arc<veilmatch::TokenSet>]>);

#[pymethods]
impl Intersection {
    #[new]
    fn new(sets: Vec<Py<TokenSet>>) -> PyResult<Self> {
        let sets: Arc<[_]> = sets.iter().map(|set| set.get().set.clone()).collect();
        all(&sets).or_raise()?;
        Ok(Self(sets))
    }

    /// Asks for the tokens that at least `at_least` of the members hold.
    fn at_least(&self, at_least: usize) -> PyResult<Query> {
        Query::new(self.0.clone(), at_least)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        let members: Vec<&str> = self.0.iter().map(|set| set.member().as_str()).collect();
        format!("Intersection({})", members.join(", "))
    }
}

pub(crate) fn all(
    sets: &[Arc<veilmatch::TokenSet>],
) -> Result<veilmatch::Intersection<'_>, veilmatch::Error> {
    sets.iter().try_fold(veilmatch::Intersection::new(), |all, set| all.add(&**set))
}
