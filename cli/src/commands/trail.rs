//! trail: the hub follows the trails, and writes each member's answer.

use veilmatch::container::Signer;
use veilmatch::trail::{Graph, Links, Overview, Trails};
use veilmatch::{Error, Round};

use super::hub_only::Matched;
use super::of_round;
use crate::Failure;
use crate::arguments::Trail;
use crate::files::bounded;
use crate::files::envelope::{open_links, sealed};
use crate::files::folders::files_of;
use crate::output::{Makes, Pending};
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
    say_missing(session, &round, &links);
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
    let of = of_round(&round, session.head());
    folder.write("trails.html", |out| Ok(overview.write_html(&of, out)?))?;
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

/// Names the members that sent no links: trails through them are missing.
fn say_missing(session: &mut Session, round: &Round, links: &[Links]) {
    let all = round.manifest().members.iter().map(|member| &member.name);
    let missing = all.filter(|name| !links.iter().any(|links| links.member() == *name));
    let missing: Vec<&str> = missing.map(|name| name.as_str()).collect();
    if !missing.is_empty() {
        session.warn(format_args!("without links of {}: no trail leads through them", missing.join(", ")));
    }
    session.count(format_args!("links"), links.len() as u64);
    session.count(format_args!("without"), missing.len() as u64);
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
