//! trail: the hub follows the trails, and writes each member's answer.

use veilmatch::container::Signer;
use veilmatch::terms::{KindId, Name};
use veilmatch::trail::{Graph, Links, Overview, Shared, Trails};
use veilmatch::{Error, Round};

use super::hub_only::Matched;
use crate::Failure;
use crate::arguments::Trail;
use crate::files::bounded;
use crate::files::envelope::{open_links, sealed};
use crate::files::folders::files_of;
use crate::output::{Makes, Pending, Written};
use crate::session::Session;
use crate::terminal::bar::Bar;

pub(crate) fn run(session: &mut Session, arguments: &Trail) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    round.trail()?;
    let signer = session.signer(round.manifest().hub.as_ref(), "the hub")?;
    let matched =
        session.read_own_as(&arguments.hub_only, bounded::REPORT, |bytes| Matched::of(bytes, &round))?;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Trails)?;
    let links = open(session, arguments, &round, &folder)?;
    require_all(session, arguments, &matched.shared, &links)?;
    let bar = Bar::of_tokens(links.iter().map(Links::links).sum());
    let graph = Graph::new(&round, &links, &matched.shared, &bar)?;
    let trails = Trails::find(&graph, Trails::fresh_id, &())?;
    for answer in trails
        .answers(&session.metadata(&round)?, signer.as_deref().map(|own| own as &(dyn Signer + Sync)))?
    {
        let member = round.member(&answer.recipient)?;
        folder.write(&format!("{}.vmt", member.name), |out| {
            sealed(member.keys.as_ref().map(|keys| &keys.seal), out, |out| match signer.as_deref() {
                Some(signer) => answer.sign_to(signer, out),
                None => answer.write_to(out),
            })
        })?;
    }
    let overview = trails.overview();
    folder.write("trails.json", |out| {
        serde_json::to_writer(&mut *out, &overview)
            .map_err(|error| Error::from(std::io::Error::from(error)))?;
        Ok(writeln!(out)?)
    })?;
    let of = round.of_round(session.head());
    folder.write("trails.html", |out| Ok(overview.write_html(&of, out)?))?;
    // Who knows its trails' ids could try out the numbers that were withheld from it.
    let of_hub = |file: &&mut Written| file.path.extension().is_some_and(|ending| ending != "vmt");
    folder.written.iter_mut().filter(of_hub).for_each(|file| file.has_open_tokens = true);
    session.read_log_nonce()?;
    session.publish(folder);
    say(session, &overview);
    Ok(())
}

fn open(
    session: &mut Session,
    arguments: &Trail,
    round: &Round,
    folder: &Pending,
) -> Result<Vec<Links>, Failure> {
    let mut links = Vec::new();
    for (number, path) in files_of(&arguments.files, &["vml"], arguments.skip_others)?.iter().enumerate() {
        let scratch = folder.scratch(&format!("opened-{number}"));
        let opened = open_links(session, path, round, scratch).and_then(|links| {
            let current = links.metadata().require_current(session.now);
            current.and_then(|()| round.admit_links(&links)).map(|()| links)
        });
        links.push(opened.map_err(|error| error.at(path.display().to_string()))?);
    }
    Ok(links)
}

/// Refuses to go on without links of a kind of which a member has a share, unless that was allowed: trails through them
/// would be missing without a word.
fn require_all(
    session: &mut Session,
    arguments: &Trail,
    shared: &[Shared],
    links: &[Links],
) -> Result<(), Failure> {
    let by_member = Shared::without_links(shared, links);
    session.count("links", links.len() as u64);
    session.count("without", by_member.len() as u64);
    let (allowed, refused): (Vec<_>, Vec<_>) = by_member
        .into_iter()
        .partition(|(member, _)| arguments.without.iter().any(|without| without.same(member)));
    let said = |missing: &[(&Name, Vec<&KindId>)]| {
        let kinds = |kinds: &[&KindId]| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let each = missing.iter().map(|(member, of)| format!("{member} ({})", kinds(of)));
        each.collect::<Vec<_>>().join(", ")
    };
    if !allowed.is_empty() {
        session.warn(format_args!("without links of {}: no trail leads through them", said(&allowed)));
    }
    if refused.is_empty() {
        return Ok(());
    }
    let message = format!(
        "links are missing: {}; give them, or go on without them by --without MEMBER",
        said(&refused)
    );
    Err(Failure::Refused { code: "missing_links", message })
}

fn say(session: &mut Session, overview: &Overview) {
    let sum = |number: fn(&veilmatch::trail::Sent) -> u64| overview.members.iter().map(number).sum::<u64>();
    let (seeds, too_large) = (sum(|sent| sent.seeds), sum(|sent| sent.too_large));
    let (dropped, for_all) = (sum(|sent| sent.dropped), sum(|sent| sent.dropped_for_all));
    session.result(format_args!(
        "{seeds} seeds, {} trails, {too_large} too large to be given out",
        overview.trails.len()
    ));
    if dropped + for_all > 0 {
        session.result(format_args!(
            "left out as too common: links of single members to {dropped} tokens, and {for_all} tokens of members for all"
        ));
    }
}
