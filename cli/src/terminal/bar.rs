//! Shows progress on a terminal when work takes long, and nothing elsewhere.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use veilmatch::Progress;

/// The time before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line on standard error with rate and time left.
#[derive(Clone)]
pub(crate) struct Bar {
    bar: ProgressBar,
    start: Instant,
    shown: Arc<AtomicBool>,
}

impl Bar {
    /// Makes a bar for input in bytes; the total of a stream is not known.
    pub(crate) fn of_bytes(total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => "{bytes} of {total_bytes} {wide_bar} {binary_bytes_per_sec}, {eta} left",
            None => "{bytes} {elapsed} {binary_bytes_per_sec}",
        };
        Self::new(total, template)
    }

    /// Makes a bar for tokens.
    pub(crate) fn of_tokens(total: u64) -> Self {
        Self::new(Some(total), "{human_pos} of {human_len} tokens {wide_bar} {per_sec}, {eta} left")
    }

    fn new(total: Option<u64>, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, start: Instant::now(), shown: Arc::default() }
    }

    pub(crate) fn add(&self, amount: u64) {
        self.bar.inc(amount);
        if self.start.elapsed() > PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr()); // shows nothing if that is no terminal
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, items: u64) {
        self.add(items);
    }
}

/// A reader that shows what is read through it.
pub(crate) struct Watched<R> {
    pub(crate) reader: R,
    pub(crate) bar: Arc<Bar>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bar.add(read as u64);
        Ok(read)
    }
}
