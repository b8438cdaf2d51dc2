//! The Python package `veilmatch`: thin classes over the library, one file a class.
//!
//! Columns come in by the Arrow C interface and are not copied. Long calls let go of the interpreter, run on all cores,
//! and stop at Ctrl-C ([`watch`]). Nothing here hardens the process: it is somebody else's. Only the console script
//! ([`program`]) runs the program, which does.

mod answer;
mod array;
mod column;
mod error;
mod file;
mod html;
mod identity;
mod intersection;
mod linker;
mod overlaps;
mod own_trails;
mod profile;
mod program;
mod query;
mod referral;
mod report;
mod resolved;
mod round;
mod secret;
mod share;
mod show;
mod table;
mod token_set;
mod tokenizer;
mod trails;
mod unpicklable;
mod watch;

use pyo3::prelude::*;

#[pymodule]
mod _veilmatch {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::answer::Answer;
    #[pymodule_export]
    use super::array::Array;
    #[pymodule_export]
    use super::error::Error;
    #[pymodule_export]
    use super::identity::Identity;
    #[pymodule_export]
    use super::intersection::Intersection;
    #[pymodule_export]
    use super::linker::Linker;
    #[pymodule_export]
    use super::overlaps::Overlaps;
    #[pymodule_export]
    use super::own_trails::OwnTrails;
    #[pymodule_export]
    use super::profile::{Profile, profile};
    #[pymodule_export]
    use super::program::main;
    #[pymodule_export]
    use super::query::Query;
    #[pymodule_export]
    use super::referral::Referral;
    #[pymodule_export]
    use super::report::Report;
    #[pymodule_export]
    use super::resolved::{Resolved, resolve};
    #[pymodule_export]
    use super::round::Round;
    #[pymodule_export]
    use super::secret::Secret;
    #[pymodule_export]
    use super::share::Share;
    #[pymodule_export]
    use super::table::Table;
    #[pymodule_export]
    use super::token_set::TokenSet;
    #[pymodule_export]
    use super::tokenizer::Tokenizer;
    #[pymodule_export]
    use super::trails::Trails;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
