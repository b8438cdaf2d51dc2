//! The files of a round: found apart, opened, read within bounds, told apart.

pub(crate) mod apart;
pub(crate) mod bounded;
pub(crate) mod disk;
pub(crate) mod envelope;
pub(crate) mod look;
