//! The files of a round: opening them, reading them within bounds, telling them apart, and keeping outputs apart from
//! inputs.

pub(crate) mod apart;
pub(crate) mod bounded;
pub(crate) mod disk;
pub(crate) mod envelope;
pub(crate) mod folders;
pub(crate) mod look;
pub(crate) mod misplaced;
pub(crate) mod opened_sets;
