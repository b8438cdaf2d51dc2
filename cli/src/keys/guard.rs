//! Asks the operating system to keep the program's secrets: no dump of its memory, and no page of theirs in swap.
//!
//! The library asks for nothing of the kind: a process belongs to the program that embeds the library.

use std::ops::Range;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::session::say;

static CAN_BE_DUMPED: AtomicBool = AtomicBool::new(false);

/// Forbids core files, and forbids other processes of the user to look into this one. Call it before any secret is
/// read.
pub(crate) fn forbid_dumps() {
    CAN_BE_DUMPED.store(!dumps_are_forbidden(), Ordering::Relaxed);
}

#[cfg(unix)]
fn dumps_are_forbidden() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let no_core = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // A process that is not dumpable cannot be traced by its user's other processes either, and a pipe for core files
    // gets nothing.
    #[cfg(target_os = "linux")]
    let not_dumpable =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).is_ok();
    #[cfg(not(target_os = "linux"))]
    let not_dumpable = false;
    no_core.is_ok() && not_dumpable
}

#[cfg(not(unix))]
fn dumps_are_forbidden() -> bool {
    false
}

/// Keeps the memory of a value in RAM, as far as the system allows. If the system refuses, it says so once.
pub(crate) fn hold<T: ?Sized>(value: &T) {
    hold_bytes(std::ptr::from_ref(value).cast(), size_of_val(value));
}

/// Keeps the memory of a secret in RAM, where the secret lies elsewhere than its owner.
pub(crate) fn hold_range(place: &Range<*const u8>) {
    hold_bytes(place.start, place.end.addr() - place.start.addr());
}

fn hold_bytes(start: *const u8, len: usize) {
    if len == 0 {
        return;
    }
    tell_of_dumps();
    match region::lock(start, len) {
        // The lock lasts until the program ends: two secrets may share a page, and one must not unlock it for both.
        Ok(guard) => std::mem::forget(guard),
        Err(_) => {
            static TOLD: Once = Once::new();
            TOLD.call_once(|| {
                say("this system does not let memory be locked (ulimit -l): keys may be written to swap");
            });
        }
    }
}

fn tell_of_dumps() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        if CAN_BE_DUMPED.load(Ordering::Relaxed) {
            say("this system does not keep the program's memory from being dumped or read by its user");
        }
    });
}
