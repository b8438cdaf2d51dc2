//! Writes the reports of `cases.rs` and their pages, for `look.mjs` to open in a browser, and says what a page takes.
//!
//! ```text
//! cargo run --release --example pages -- DIR
//! ```

#[path = "cases.rs"]
mod cases;
#[path = "trails.rs"]
mod trails;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("the folder to write to"));
    fs::create_dir_all(&folder)?;
    for cases::Case { name, report } in cases::all() {
        let mut page = Vec::new();
        report.write_html(&mut page)?;
        let begun = Instant::now();
        report.write_html(&mut Vec::new())?;
        println!("{name:16} {:6} kB  {:6.1} ms", page.len() / 1_000, begun.elapsed().as_secs_f64() * 1e3);
        fs::write(folder.join(name).with_extension("html"), page)?;
        fs::write(folder.join(name).with_extension("json"), report.to_json())?;
    }
    let mut own = fs::File::create(folder.join("own.html"))?;
    cases::own().write_html(&mut own)?;
    trails::hub(&mut fs::File::create(folder.join("trails.html"))?)?;
    let overview = serde_json::to_vec(&trails::overview()).map_err(std::io::Error::other)?;
    fs::write(folder.join("trails.overview"), overview)?;
    trails::own(&mut fs::File::create(folder.join("trails-own.html"))?)?;
    trails::referral(&mut fs::File::create(folder.join("referral.html"))?)
}
