//! report: the page of a report that was written earlier.

use veilmatch::Report;

use crate::Failure;
use crate::arguments::ReportPage;
use crate::files::bounded;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &ReportPage) -> Result<(), Failure> {
    let report = session.read_as(&arguments.file, bounded::REPORT, Report::from_json)?;
    // Where somebody has put small numbers into the file, they are not shown.
    let min_result = report.min_result;
    let report = report.withholding(min_result);
    let page = Pending::file(&arguments.out, session.force, Makes::Page, |out| Ok(report.write_html(out)?))?;
    session.publish(page);
    Ok(())
}
