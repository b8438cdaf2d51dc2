//! What people see.

pub(crate) mod bar;
pub(crate) mod printable;
