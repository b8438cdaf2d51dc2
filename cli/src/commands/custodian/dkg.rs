//! custodian dkg: the three steps in which custodians make their keys.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use veilmatch::Error;
use veilmatch::custodian::{Dkg, LedgerFile, Seed, StepFile};
use veilmatch::custody::Ceremony;
use veilmatch::round::identity::Identity;
use veilmatch::terms::CustodyDigest;

use super::ceremony;
use crate::Failure;
use crate::arguments::CustodianDkg;
use crate::files::{bounded, folders};
use crate::keys::guard;
use crate::output::{Makes, Pending};
use crate::session::Session;
use crate::terminal::printable::printable;

pub(crate) fn run(session: &mut Session, arguments: &CustodianDkg) -> Result<(), Failure> {
    let ceremony = ceremony::read(session, &arguments.ceremony)?;
    let identity = session.identity().ok_or(Failure::Usage("expected --identity or --identity-command"))?;
    let seed = seed(arguments, &ceremony, &identity)?;
    guard::hold_range(&seed.memory_range());
    let dkg = Dkg::new(&ceremony, &arguments.name, &identity, &seed)?;
    let files = match (arguments.step, arguments.files.is_empty()) {
        (1, true) => Vec::new(),
        (1, false) => return Err(Failure::Usage("expected no files in step 1: it reads none")),
        (_, false) => read(session, &dkg, arguments)?,
        (_, true) => return Err(Failure::Usage("expected the files of the other custodians")),
    };
    session.result(format_args!(
        "ceremony {}, step {} of {}",
        ceremony.digest(),
        arguments.step,
        arguments.name
    ));
    let name = &arguments.name;
    let folder = match arguments.step {
        1 => {
            let told = dkg.step_1()?;
            let mut folder = Pending::folder(&arguments.out, session.force, Makes::Steps)?;
            folder.write(&format!("{name}.step-1"), |out| Ok(out.write_all(&told)?))?;
            session.result(format_args!("{name}.step-1 is for every other custodian"));
            folder
        }
        2 => {
            let dealt = dkg.step_2(&files)?;
            let mut folder = Pending::folder(&arguments.out, session.force, Makes::Steps)?;
            for (to, file) in dealt {
                folder.write(&format!("{name}.{to}.step-2"), |out| Ok(out.write_all(&file)?))?;
            }
            session.result(format_args!(
                "each {name}.OTHER.step-2 is for the custodian OTHER, who alone can open it"
            ));
            folder
        }
        _ => {
            let (share, public) = dkg.step_3(&seed, &files)?;
            share.memory_ranges().for_each(|range| guard::hold_range(&range));
            let mut folder = Pending::folder(&arguments.out, false, Makes::CustodianShare)?; // never replaces a share
            mark_begun(arguments, public.digest())?;
            // It is not written as other files are, because their digests go into the run record.
            share.write_new_file(&folder.path().join(format!("{name}.vmk")), &identity)?;
            let of = (share.custody(), name.clone());
            let ledger = folder.path().join(format!("{name}.ledger"));
            LedgerFile::begin(&ledger, share.ledger(), of, session.now, &*identity)?;
            folder.write(&format!("{name}.custody"), |out| Ok(out.write_all(&public.to_bytes())?))?;
            session.result(format_args!("custody {}, which every custodian must see", public.digest()));
            session.result(format_args!(
                "{name}.vmk and {name}.ledger stay here; {name}.custody is for publish; then delete {}",
                seed_path(arguments).display()
            ));
            folder
        }
    };
    session.publish(folder);
    Ok(())
}

/// Leaves a mark beside the seed that a ledger was begun for this custody, and where. A second ledger would be empty, and so begin
/// a second quota.
fn mark_begun(arguments: &CustodianDkg, custody: CustodyDigest) -> Result<(), Failure> {
    let mark = arguments.state.join(format!("{}.{custody}.begun", arguments.name));
    let named = |error: std::io::Error| Error::from(error).at(mark.display().to_string());
    let out = std::path::absolute(&arguments.out).map_err(named)?;
    let text = out.display().to_string();
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&mark);
    match written {
        Ok(mut file) => Ok(file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(named)?),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let before = fs::read_to_string(&mark).map_err(named)?;
            if before == text && !out.exists() {
                return Ok(()); // that run was cut off before its output had its name
            }
            let message = format!(
                "step 3 of this custody was begun with --out {}: its ledger is the one that counts; a second one would begin a \
                 second quota",
                printable(&before)
            );
            Err(Failure::Refused { code: "ledger", message })
        }
        Err(error) => Err(named(error).into()),
    }
}

fn seed_path(arguments: &CustodianDkg) -> std::path::PathBuf {
    arguments.state.join(format!("{}.seed", arguments.name))
}

/// Reads what the custodian keeps between the steps. Step 1 makes it.
fn seed(arguments: &CustodianDkg, ceremony: &Ceremony, identity: &Identity) -> Result<Seed, Failure> {
    let path = seed_path(arguments);
    if arguments.step > 1 || path.try_exists().map_err(Error::from)? {
        return Ok(Seed::read_file(&path, identity, ceremony)?);
    }
    // What others cannot open is no seed for them: refuse before anything is written.
    let seed = Seed::generate(ceremony)?;
    Dkg::new(ceremony, &arguments.name, identity, &seed)?;
    make_private(&arguments.state)
        .map_err(|error| Error::from(error).at(arguments.state.display().to_string()))?;
    seed.write_new_file(&path, identity)?;
    Ok(seed)
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn read(session: &mut Session, dkg: &Dkg<'_>, arguments: &CustodianDkg) -> Result<Vec<StepFile>, Failure> {
    let paths = folders::files_of(&arguments.files, &["step-1", "step-2"], false)?;
    let files = paths.iter().map(|path| session.read_as(path, bounded::STEP, |bytes| dkg.read(bytes)));
    Ok(files.collect::<Result<_, Error>>()?)
}
