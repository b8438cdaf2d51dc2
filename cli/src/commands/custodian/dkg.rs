//! custodian dkg: the three steps in which custodians make their keys.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
            let mark = Mark::leave(arguments, public.digest())?;
            session.at_last(move |_| mark.complete());
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

/// A file beside the seed that says where a ledger was begun for this custody, and later that it has its name. A second ledger would be
/// empty, and so begin a second quota.
struct Mark {
    path: PathBuf,
}

impl Mark {
    /// Leaves the mark, or refuses where a ledger was begun before. It is there as a whole or not at all.
    fn leave(arguments: &CustodianDkg, custody: CustodyDigest) -> Result<Self, Failure> {
        let path = arguments.state.join(format!("{}.{custody}.begun", arguments.name));
        let named = |error: io::Error| Error::from(error).at(path.display().to_string());
        let out = format!("{}\n", std::path::absolute(&arguments.out).map_err(named)?.display());
        match fs::read_to_string(&path) {
            // That run was cut off before its output had its name.
            Ok(before) if before == out && !arguments.out.exists() => {}
            Ok(before) => {
                let message = format!(
                    "step 3 of this custody was begun with --out {}: its ledger is the one that counts; a second one would begin \
                     a second quota",
                    printable(before.lines().next().unwrap_or_default())
                );
                return Err(Failure::Refused { code: "ledger", message });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let write = |file: &mut dyn Write| Ok(file.write_all(out.as_bytes())?);
                let mark = Pending::file(&path, false, Makes::Lasting, write)?;
                Pending::publish(vec![mark], || Ok(()))?;
            }
            Err(error) => return Err(named(error).into()),
        }
        Ok(Self { path })
    }

    /// Adds that the ledger has its name: moved from there, it still is the one that counts.
    fn complete(&self) -> Result<(), Failure> {
        let named = |error: io::Error| Error::from(error).at(self.path.display().to_string());
        let mut file = fs::OpenOptions::new().append(true).open(&self.path).map_err(named)?;
        Ok(file.write_all(b"done\n").and_then(|()| file.sync_all()).map_err(named)?)
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
