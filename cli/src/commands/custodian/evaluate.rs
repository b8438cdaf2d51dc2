//! custodian evaluate: a custodian answers members' requests, counted and charged.

use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use veilmatch::Error;
use veilmatch::container::FileType;
use veilmatch::custodian::{Evaluator, LedgerFile, Share};
use veilmatch::custody::{PublicCustody, RequestFile};

use crate::Failure;
use crate::arguments::CustodianEvaluate;
use crate::commands::file_name;
use crate::files::bounded;
use crate::files::envelope::{open_sealed, sealed};
use crate::files::folders::files_of;
use crate::keys::guard;
use crate::output::{Makes, Pending, unnamed_file};
use crate::session::Session;
use crate::terminal::bar::Bar;

pub(crate) fn run(session: &mut Session, arguments: &CustodianEvaluate) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    let custody = session.read_as(&arguments.custody, bounded::CUSTODY, PublicCustody::read)?;
    let named = |error: Error| error.at(arguments.custody.display().to_string());
    custody.require_round(round.manifest()).map_err(named)?;
    let identity = session.identity().ok_or(Failure::Usage("expected --identity or --identity-command"))?;
    let share = Share::read_file(&arguments.share, &identity, &custody)?;
    share.memory_ranges().for_each(|range| guard::hold_range(&range));
    if *share.custodian() != arguments.name {
        let expected = "the share of the custodian that --name names";
        return Err(Error::Custody { expected }.at(arguments.share.display().to_string()).into());
    }
    let mut ledger = LedgerFile::open(&arguments.ledger, share.ledger(), &*identity)?;
    let evaluator = Evaluator { round: &round, custody: &custody, share: &share, signer: &*identity };
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Evaluations)?;
    for (number, path) in files_of(&arguments.files, &["vmb"], arguments.skip_others)?.iter().enumerate() {
        let done = one(session, &evaluator, &mut ledger, (&mut folder, number), path);
        done.map_err(|error| after(number, error.at(path.display().to_string())))?;
    }
    session.publish(folder);
    Ok(())
}

/// Says what became of the requests before one that is refused.
fn after(charged: usize, error: Error) -> Failure {
    match charged {
        0 => error.into(),
        _ => {
            let again =
                "charged and not answered yet: run again without this file, which charges nothing twice";
            Failure::Refused {
                code: error.code(),
                message: format!("{error}; the {charged} before it are {again}"),
            }
        }
    }
}

/// Evaluates one request. Its charge lasts before its evaluation is complete, and the evaluation is in the folder, which has no
/// name yet.
fn one(
    session: &mut Session,
    evaluator: &Evaluator<'_>,
    ledger: &mut LedgerFile,
    (folder, number): (&mut Pending, usize),
    path: &Path,
) -> Result<(), Error> {
    let round = evaluator.round;
    let scratch = folder.scratch(&format!("opened-{number}"));
    let opened = open_sealed(session, path, round, FileType::Request, scratch)?;
    let request = RequestFile::from_file(opened, "the request")?;
    request.metadata().require_current(session.now)?;
    let (kind, member) = (request.terms().context.kind(), round.member(request.member())?);
    let name = format!("{}.{}.{}.vme", file_name(kind), member.name, evaluator.share.custodian());
    if folder.path().join(&name).exists() {
        let expected = "one request of a member and kind in one run: evaluate the other into another folder";
        return Err(Error::Custody { expected }); // before it is charged
    }

    let metadata = session.metadata(round)?;
    let mut made = BufWriter::new(unnamed_file(&folder.scratch(&format!("made-{number}")))?);
    let bar = Bar::of_tokens(request.len());
    let done = evaluator.evaluate(&request, ledger, &metadata, &mut made, &bar)?;
    made.flush()?;
    let mut made = made.into_inner().map_err(|error| Error::from(error.into_error()))?;
    made.seek(SeekFrom::Start(0))?;

    folder.write(&name, |out| {
        sealed(member.keys.as_ref().map(|keys| &keys.seal), out, |out| {
            std::io::copy(&mut made, out)?;
            Ok(())
        })
    })?;
    let charged = if done.charged { "charged" } else { "charged before" };
    session.result(format_args!(
        "{}, {kind}: {} identifiers evaluated, {charged}, {} left",
        member.name, done.elements, done.left
    ));
    session.count(format_args!("{kind}/evaluated"), done.elements);
    session.count(format_args!("{kind}/charged"), if done.charged { done.elements } else { 0 });
    Ok(())
}
