//! A large world of trails: makes the links of 64 members, follows them, and does the same with the package `petgraph`.
//!
//! ```sh
//! cargo run --release --example trails -- make --subjects 10000000 --folder DIR
//! cargo run --release --example trails -- follow --folder DIR
//! cargo run --release --example trails -- petgraph --folder DIR
//! ```
//!
//! Each subject has three identifiers. Most are drawn from a pool in which three or four subjects share one; one in a
//! hundred is drawn from a few that a thousand subjects share each, and those are too common to lead anywhere. 5,000
//! subjects are seeds. `make` also writes what rivals read: `edges.bin`, a subject and a token as two little-endian 32-bit
//! numbers an edge, without the common ones, which rivals need not find; and `seeds.bin`.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use petgraph::graph::{NodeIndex, UnGraph};
use veilmatch::round::{KindRules, Manifest, TrailRules};
use veilmatch::terms::{KeyId, KindId, Name, Nonce, Pseudonym, RuleDigest, SuppressionDigest};
use veilmatch::trail::{Graph, Links, NewLinks, Shared, Trails};
use veilmatch::{Metadata, Round, Token};

type Failure = Box<dyn std::error::Error>;

const MEMBERS: u64 = 64;
const EACH: u64 = 3;
const SEEDS: u64 = 5000;
const HOPS: u8 = 2;

fn main() -> Result<(), Failure> {
    use lexopt::prelude::*;
    let (mut command, mut subjects, mut folder) = (String::new(), 10_000_000, PathBuf::from("."));
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("subjects") => subjects = parser.value()?.parse()?,
            Long("folder") => folder = parser.value()?.into(),
            Value(word) if command.is_empty() => command = word.string()?,
            other => return Err(other.unexpected().into()),
        }
    }
    match command.as_str() {
        "make" => make(&folder, subjects)?,
        "follow" => follow(&folder)?,
        "petgraph" => by_petgraph(&folder)?,
        _ => return Err("expected make, follow or petgraph".into()),
    }
    if let Some(peak) = peak_memory() {
        println!("peak memory {peak}");
    }
    Ok(())
}

/// A 64-bit mixer (SplitMix64).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The number of an identifier of a subject; common ones have numbers from `pool` on.
fn identifier(subject: u64, which: u64, subjects: u64) -> u64 {
    let drawn = mix(subject * EACH + which);
    let pool = pool(subjects);
    match drawn % 100 {
        0 => pool + drawn / 100 % (1 + subjects * EACH / 100_000),
        _ => drawn / 100 % pool,
    }
}

fn pool(subjects: u64) -> u64 {
    subjects * EACH * 3 / 10
}

fn is_seed(subject: u64, subjects: u64) -> bool {
    subject.is_multiple_of((subjects / SEEDS).max(1))
}

fn wide(number: u64, salt: u64) -> [u8; 16] {
    (u128::from(mix(number ^ salt)) << 64 | u128::from(mix(number ^ salt << 7))).to_be_bytes()
}

fn name(member: u64) -> Name {
    Name::new(&format!("member-{member:02}")).expect("letters and digits")
}

fn round() -> Result<Round, Failure> {
    let kind = KindId::new("card.pan/1")?;
    let rules = KindRules { kind, rules: RuleDigest([1; 32]), suppression: SuppressionDigest([2; 32]) };
    let members = (0..MEMBERS).map(name).collect();
    let mut manifest = Manifest::trial(Name::new("large")?, 1, vec![rules], members)?;
    manifest.nonce = Nonce([7; 16]);
    manifest.trail = Some(TrailRules { max_seeds: SEEDS, ..TrailRules::for_kinds([]) });
    Ok(Round::new(manifest)?)
}

fn make(folder: &Path, subjects: u64) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let round = round()?;
    let start = Instant::now();
    for member in 0..MEMBERS {
        let own = (0..subjects).filter(|subject| subject % MEMBERS == member);
        let pseudonym = |subject: u64| Pseudonym(wide(subject, 0xa5));
        let all = own.clone().map(|subject| (pseudonym(subject), is_seed(subject, subjects))).collect();
        let mut links = NewLinks::new(round.trail_terms(KeyId([7; 8]))?, name(member), all)?;
        let linked = own.flat_map(|subject| {
            let token = move |which| Token::from_bytes(wide(identifier(subject, which, subjects), 0x5a));
            (0..EACH).map(move |which| (token(which), pseudonym(subject)))
        });
        links.add(KindId::new("card.pan/1")?, None, linked)?;
        let mut out = BufWriter::new(File::create(folder.join(format!("{}.vml", name(member))))?);
        links.write_to(&mut out)?;
        out.flush()?;
    }
    let mut edges = BufWriter::new(File::create(folder.join("edges.bin"))?);
    let mut seeds = BufWriter::new(File::create(folder.join("seeds.bin"))?);
    for subject in 0..subjects {
        for token in (0..EACH).map(|which| identifier(subject, which, subjects)) {
            if token < pool(subjects) {
                edges.write_all(&(subject as u32).to_le_bytes())?;
                edges.write_all(&(token as u32).to_le_bytes())?;
            }
        }
        if is_seed(subject, subjects) {
            seeds.write_all(&(subject as u32).to_le_bytes())?;
        }
    }
    edges.flush()?;
    seeds.flush()?;
    println!("made {subjects} subjects in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn follow(folder: &Path) -> Result<(), Failure> {
    let round = round()?;
    let start = Instant::now();
    let opened = |member| Links::open(folder.join(format!("{}.vml", name(member))));
    let links: Vec<Links> = (0..MEMBERS).map(opened).collect::<Result<_, _>>()?;
    say("opened and verified", start);
    let all: u64 = links.iter().map(Links::links).sum();
    let of_member =
        |links: &Links| links.kinds().iter().map(|kind| (links.member().clone(), kind.clone())).collect();
    let stated = links.iter().flat_map(|links| -> Vec<_> { of_member(links) });
    let shared = stated.map(|(member, kind)| Shared {
        member,
        kind: kind.kind,
        own_set: kind.own_set,
        tokens: kind.tokens,
    });
    let shared: Vec<Shared> = shared.collect();
    let joined = Instant::now();
    let graph = Graph::new(&round, &links, &shared, &())?;
    say("joined", joined);
    let found = Instant::now();
    let trails = Trails::find(&graph, Trails::fresh_id, &())?;
    say("followed", found);
    let answered = Instant::now();
    let mut bytes = 0;
    for answer in trails.answers(&Metadata::default(), None)? {
        let mut file = Vec::new();
        answer.write_to(&mut file)?;
        bytes += file.len();
    }
    say("answered", answered);
    let subjects: usize = trails.trails().iter().map(|trail| trail.subjects()).sum();
    println!("{all} links, {} joining tokens, {bytes} bytes of answers", graph.tokens());
    println!("{} trails with {subjects} subjects, {} too large", trails.trails().len(), trails.too_large());
    say("all", start);
    Ok(())
}

/// Numbers that a file has.
fn numbers(path: PathBuf) -> Result<Vec<u32>, Failure> {
    let bytes = fs::read(path)?;
    let (numbers, _) = bytes.as_chunks();
    Ok(numbers.iter().map(|number| u32::from_le_bytes(*number)).collect())
}

/// Subjects and tokens are nodes. It is given numbers in the place of tokens, and no common ones.
fn by_petgraph(folder: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    let (edges, seeds) = (numbers(folder.join("edges.bin"))?, numbers(folder.join("seeds.bin"))?);
    let subjects = edges.iter().step_by(2).max().map_or(0, |most| most + 1);
    let tokens = edges.iter().skip(1).step_by(2).max().map_or(0, |most| most + 1);
    let mut graph = UnGraph::<(), ()>::with_capacity((subjects + tokens) as usize, edges.len() / 2);
    (0..subjects + tokens).for_each(|_| {
        graph.add_node(());
    });
    let (pairs, _) = edges.as_chunks::<2>();
    for [subject, token] in pairs {
        graph.add_edge(NodeIndex::from(*subject), NodeIndex::from(subjects + token), ());
    }
    say("joined", start);
    let (mut trails, mut all, mut too_large) = (0, 0, 0);
    for seed in seeds {
        let near = near(&graph, NodeIndex::from(seed));
        let members: HashSet<u64> = near.iter().map(|subject| subject.index() as u64 % MEMBERS).collect();
        let near = near.len();
        if near > 1000 {
            too_large += 1;
        } else if members.len() > 1 {
            (trails, all) = (trails + 1, all + near);
        }
    }
    println!("{trails} trails with {all} subjects, {too_large} too large");
    say("all", start);
    Ok(())
}

/// Returns the subjects at most this number of steps away. A token that only one member has leads nowhere.
fn near(graph: &UnGraph<(), ()>, seed: NodeIndex) -> HashSet<NodeIndex> {
    let member = |subject: NodeIndex| subject.index() as u64 % MEMBERS;
    let leads_on = |token: &NodeIndex| {
        let mut members = graph.neighbors(*token).map(member);
        let first = members.next();
        members.any(|other| Some(other) != first)
    };
    let (mut near, mut edge) = (HashSet::from([seed]), vec![seed]);
    for _ in 0..HOPS {
        let tokens = edge.iter().flat_map(|subject| graph.neighbors(*subject)).filter(leads_on);
        edge =
            tokens.flat_map(|token| graph.neighbors(token)).filter(|subject| near.insert(*subject)).collect();
    }
    near
}

fn say(what: &str, start: Instant) {
    println!("{what} in {:.2} s", start.elapsed().as_secs_f64());
}

/// The most memory that this process has had, where Linux says so.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}
