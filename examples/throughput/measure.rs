//! Measuring: a group's cases take turns, and the best run of each counts.
//!
//! In turns, so that a machine that slows down meanwhile slows all of them; the best, as whatever else runs
//! can only add time.

use std::cell::RefCell;
use std::hint::black_box;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How often each case has its turn, after one run to warm up.
const TURNS: u32 = 4;

/// How long one turn lasts, for a million tokens and more; one run at least.
const TURN: Duration = Duration::from_millis(50);

/// How many threads a case may use.
#[derive(Clone, Copy)]
pub(crate) enum Threads {
    One,
    /// As many as rayon takes by default.
    All,
}

/// What all stages share: the size, the threads, and what has been measured.
pub(crate) struct Bench {
    /// Tokens of the largest stages.
    pub(crate) size: u64,
    turn: Duration,
    one: ThreadPool,
    all: ThreadPool,
    measured: RefCell<Vec<Measured>>,
}

/// A group, measured. Its first case is ours, to which the others are compared.
pub(crate) struct Measured {
    pub(crate) stage: &'static str,
    pub(crate) group: String,
    pub(crate) cases: Vec<Best>,
}

/// The best run of a case.
pub(crate) struct Best {
    pub(crate) what: String,
    pub(crate) items: u64,
    pub(crate) threads: usize,
    pub(crate) time: Duration,
}

impl Best {
    pub(crate) fn ns_per_item(&self) -> f64 {
        self.time.as_nanos() as f64 / self.items as f64
    }
}

impl Bench {
    pub(crate) fn new(size: u64) -> Outcome<Self> {
        let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build();
        let turn = TURN.mul_f64((size as f64 / 1e6).min(1.0));
        Ok(Self { size, turn, one: pool(1)?, all: pool(0)?, measured: RefCell::default() })
    }

    /// What the stages have measured, in their order.
    pub(crate) fn finish(self) -> Vec<Measured> {
        progress("");
        self.measured.into_inner()
    }
}

/// Cases over the same input.
pub(crate) struct Group<'a> {
    bench: &'a Bench,
    stage: &'static str,
    name: String,
    items: u64,
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    best: Best,
    /// Runs it once: how long it took, or nothing if the result is wrong.
    run: Box<dyn FnMut() -> Option<Duration> + 'a>,
}

impl<'a> Group<'a> {
    pub(crate) fn new(bench: &'a Bench, stage: &'static str, name: impl Into<String>) -> Self {
        Self { bench, stage, name: name.into(), items: 1, cases: Vec::new() }
    }

    /// The cases that follow have so many items.
    pub(crate) fn items(self, items: u64) -> Self {
        Self { items, ..self }
    }

    /// A case whose result is one number.
    pub(crate) fn count(
        self,
        what: impl Into<String>,
        threads: Threads,
        expected: u64,
        mut run: impl FnMut() -> u64 + Send + 'a,
    ) -> Self {
        self.case(what, threads, || (), move |()| run(), move |found| *found == expected)
    }

    /// A case of which only `run` is timed: neither its input, nor the check of its result and its end.
    pub(crate) fn case<I, O>(
        mut self,
        what: impl Into<String>,
        threads: Threads,
        mut input: impl FnMut() -> I + Send + 'a,
        mut run: impl FnMut(I) -> O + Send + 'a,
        is_right: impl Fn(&O) -> bool + Send + Sync + 'a,
    ) -> Self {
        let pool = match threads {
            Threads::One => &self.bench.one,
            Threads::All => &self.bench.all,
        };
        let mut once = move || {
            let input = black_box(input());
            let start = Instant::now();
            let output = black_box(run(input));
            let time = start.elapsed();
            is_right(&output).then_some(time)
        };
        let (what, threads) = (what.into(), pool.current_num_threads());
        let best = Best { what, items: self.items, threads, time: Duration::MAX };
        self.cases.push(Case { best, run: Box::new(move || pool.install(&mut once)) });
        self
    }

    /// Measures all cases.
    pub(crate) fn run(mut self) -> Outcome<()> {
        progress(&format!("{}: {}", self.stage, self.name));
        for turn in 0..=TURNS {
            let lasts = if turn == 0 { Duration::ZERO } else { self.bench.turn };
            for Case { best, run } in &mut self.cases {
                let start = Instant::now();
                loop {
                    let wrong = || format!("{}: {}: {}: a wrong result", self.stage, self.name, best.what);
                    let time = run().ok_or_else(wrong)?;
                    if turn > 0 {
                        best.time = best.time.min(time).max(Duration::from_nanos(1)); // of a coarse clock
                    }
                    if start.elapsed() >= lasts {
                        break;
                    }
                }
            }
        }
        let cases = self.cases.into_iter().map(|case| case.best).collect();
        self.bench.measured.borrow_mut().push(Measured { stage: self.stage, group: self.name, cases });
        Ok(())
    }
}

/// What is being measured, on a terminal; nothing elsewhere.
fn progress(what: &str) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        let _ = write!(stderr, "\r\x1b[K{what}");
        let _ = stderr.flush();
    }
}
