//! What people see on a terminal.

pub(crate) mod bar;
pub(crate) mod printable;
