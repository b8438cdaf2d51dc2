//! The program `veilmatch`.

use std::process::ExitCode;

fn main() -> ExitCode {
    veilmatch_cli::main(std::env::args_os().collect()).into()
}
