//! Prints what `phone.e164` makes of numbers, for `oracle.py` to compare with what others make of them.
//!
//! Reads lines of a national plan or nothing, a tab and a number; prints the canonical form, or the reason in front of
//! which stands a `-`. For public numbers only, and no part of the program: that one never shows an identifier.

use std::io::{self, BufRead, BufWriter, Write};

use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, NationalPlan};

fn main() -> io::Result<()> {
    let mut printed = BufWriter::new(io::stdout().lock());
    let mut form = Canonical::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (plan, number) = line.split_once('\t').expect("a line has a tab");
        let mut rule = Canonicalizer::new(Kind::PhoneE164);
        if !plan.is_empty() {
            rule = rule.with_national_plan(plan.parse::<NationalPlan>().expect("the plan is valid"));
        }
        match rule.canonicalize(number.as_bytes(), &mut form) {
            Ok(_) => printed.write_all(form.as_bytes())?,
            Err(reason) => write!(printed, "-{reason}")?,
        }
        printed.write_all(b"\n")?;
    }
    printed.flush()
}
