//! How fast is each stage here, beside its rivals and above its floor?
//!
//! ```text
//! cargo run --release --example throughput
//! cargo run --release --example throughput -- --size 20000000 --format json
//! ```
//!
//! About a minute on two cores. The benchmarks in `benches/` look closer, at one stage each; this is the
//! overview of one machine. A result that is not right ends it with an error: a wrong answer has no speed.

#[path = "throughput/arguments.rs"]
mod arguments;
#[path = "throughput/canonicalize.rs"]
mod canonicalize;
#[path = "throughput/growth.rs"]
mod growth;
#[path = "throughput/hmacs.rs"]
mod hmacs;
#[allow(dead_code, reason = "benchmark `canonicalize` uses them all")]
#[path = "../benches/support/identifiers.rs"]
mod identifiers;
#[path = "throughput/intersect.rs"]
mod intersect;
#[path = "throughput/machine.rs"]
mod machine;
#[path = "throughput/measure.rs"]
mod measure;
#[path = "throughput/pipeline.rs"]
mod pipeline;
#[path = "throughput/prefilter.rs"]
mod prefilter;
#[path = "throughput/set.rs"]
mod set;
#[path = "../benches/support/mod.rs"]
mod support;
#[path = "throughput/table.rs"]
mod table;
#[path = "throughput/tokenize.rs"]
mod tokenize;
#[path = "../benches/support/wallets.rs"]
mod wallets;

use std::io::Write as _;
use std::process::ExitCode;

use arguments::{Arguments, Job};
use measure::{Bench, Outcome};

/// In the order of the pipeline; each has its groups measured.
const STAGES: [fn(&Bench) -> Outcome<()>; 7] = [
    canonicalize::measure,
    tokenize::measure,
    set::measure,
    intersect::measure,
    prefilter::measure,
    pipeline::measure,
    growth::measure,
];

fn run(job: &Job) -> Outcome<String> {
    let bench = Bench::new(job.size)?;
    STAGES.iter().try_for_each(|stage| stage(&bench))?;
    let measured = bench.finish();
    Ok(if job.json { table::json(&measured)? } else { machine::describe()? + &table::text(&measured) })
}

fn print(text: &str) -> Outcome<()> {
    let mut stdout = std::io::stdout().lock();
    let printed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    printed.map_err(|error| format!("standard output: {error}").into())
}

fn main() -> ExitCode {
    let done = match arguments::parse() {
        Ok(Arguments::Help) => print(arguments::USAGE),
        Ok(Arguments::Measure(job)) => run(&job).and_then(|text| print(&text)),
        Err(usage) => {
            let _ = writeln!(std::io::stderr(), "throughput: {usage}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    if let Err(error) = done {
        let _ = writeln!(std::io::stderr(), "throughput: {error}");
        return ExitCode::from(1);
    }
    ExitCode::SUCCESS
}
