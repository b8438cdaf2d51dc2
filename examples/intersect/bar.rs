//! Progress on a terminal, when it takes long; nothing elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use veilmatch::Progress;

/// Shorter calls show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line on standard error that counts rows and tokens.
pub(crate) struct Bar {
    bar: ProgressBar,
    start: Instant,
    shown: AtomicBool,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{elapsed} {human_pos} rows and tokens, {per_sec}") {
            bar.set_style(style);
        }
        Self { bar, start: Instant::now(), shown: AtomicBool::new(false) }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, items: u64) {
        self.bar.inc(items);
        if self.start.elapsed() > PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr()); // shows nothing if that is no terminal
        }
    }
}
