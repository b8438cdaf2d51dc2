//! A custodian that is killed at any moment has charged what it answered, and charges nothing twice; and it begins one ledger.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use veilmatch::custodian::Ledger;

use crate::ceremony::{World, names_in};
use crate::requests::{Asked, COURT, evaluate};
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use crate::shim::{Place, kill_at};
use crate::support::thorough::times;

/// Nearly all that is left to the bank: what is charged twice is over its quota.
const IDENTIFIERS: u64 = 600;

/// Charges with their elements, and whether the answer is there, around the two things that it does at the end.
const BEFORE: ((usize, u64), bool) = ((0, 0), false);
const BETWEEN: ((usize, u64), bool) = ((1, IDENTIFIERS), false);
const AFTER: ((usize, u64), bool) = ((1, IDENTIFIERS), true);

fn spawn(asked: &Asked) -> Child {
    let mut command = asked.world.command(COURT, &evaluate("answers", "one.vmb"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Number of charges, and of their elements.
fn charged(asked: &Asked) -> (usize, u64) {
    let ledger = Ledger::read_file(&asked.ledger()).unwrap();
    (ledger.charges().count(), ledger.charges().map(|charge| charge.elements).sum())
}

#[test]
fn killed_at_any_moment_it_has_charged_what_it_answered_and_a_rerun_charges_nothing_twice() {
    let asked = Asked::new();
    asked.ask("one.vmb", 0, IDENTIFIERS, Vec::new());
    let (begun, answers) = (fs::read(asked.ledger()).unwrap(), asked.world.file(COURT, "answers"));
    let start = Instant::now();
    assert!(spawn(&asked).wait().unwrap().success());
    let longest = start.elapsed();
    let reset = || {
        let _ = fs::remove_dir_all(&answers);
        fs::write(asked.ledger(), &begun).unwrap();
    };
    // What is there after a kill: charges, and the answer. Then everything is done again.
    let end = |kill: &str| {
        let state = (charged(&asked), answers.exists());
        assert!([BEFORE, BETWEEN, AFTER].contains(&state), "{kill}: {state:?}");
        asked.world.done(COURT, &evaluate("answers", "one.vmb"));
        assert_eq!(charged(&asked), (1, IDENTIFIERS), "{kill}");
        assert!(answers.exists());
        state
    };
    let (kills, mut found) = (times(20), Vec::new());
    for kill in 0..kills {
        reset();
        let mut child = spawn(&asked);
        // Denser towards the end, where it charges and gives out.
        let part = 1.0 - (1.0 - f64::from(kill) / f64::from(kills)).powi(3);
        std::thread::sleep(Duration::from_secs_f64(longest.as_secs_f64() * 1.1 * part));
        child.kill().unwrap();
        child.wait().unwrap();
        found.push(end(&format!("kill {kill}")));
    }
    println!("charges, and whether there was an answer, after each kill: {found:?}");
    assert!(found.contains(&BEFORE), "the first kill comes at once");
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (place, state) in [(Place::Before("answers"), BETWEEN), (Place::After("answers"), AFTER)] {
        reset();
        kill_at(place, asked.world.command(COURT, &evaluate("answers", "one.vmb")));
        assert_eq!(end(&format!("{place:?}")), state, "{place:?}");
    }
    asked.ask("two.vmb", IDENTIFIERS, 71, Vec::new());
    asked.world.refused(COURT, &evaluate("more", "two.vmb"), &["70 are left"]);
}

#[test]
fn killed_in_the_last_step_of_a_ceremony_it_has_one_share_and_one_ledger_after_a_rerun() {
    let world = World::new();
    world.agree(1000);
    world.two_steps();
    let step = World::step(COURT, 3, "from-others");
    let start = Instant::now();
    world.done(COURT, &step);
    let longest = start.elapsed();
    let (own, state) = (world.file(COURT, "step-3"), world.file(COURT, "state"));
    let custody = fs::read(own.join("court.custody")).unwrap();
    let before = names_in(&world.file(COURT, ""));
    let reset = || {
        fs::remove_dir_all(&own).unwrap();
        let marks = names_in(&state).into_iter().filter(|name| name.ends_with(".begun"));
        marks.for_each(|name| fs::remove_file(state.join(name)).unwrap());
    };
    // Whether the share has its name after a kill. Then the step is done again.
    let end = |kill: &str| {
        let is_whole = own.exists();
        match is_whole {
            true => world.refused(COURT, &step, &["step-3"]),
            false => drop(world.done(COURT, &step)),
        }
        assert_eq!(names_in(&own), ["court.custody", "court.ledger", "court.vmk"], "{kill}");
        assert_eq!(fs::read(own.join("court.custody")).unwrap(), custody, "{kill}");
        assert_eq!(Ledger::read_file(&own.join("court.ledger")).unwrap().charges().count(), 0);
        assert_eq!(names_in(&world.file(COURT, "")), before, "{kill} left something");
        let elsewhere = step.replace("--out step-3", "--out elsewhere");
        world.refused(COURT, &elsewhere, &["a second one would begin a second quota"]);
        is_whole
    };
    let (kills, mut found) = (times(8), Vec::new());
    for kill in 0..kills {
        reset();
        let mut command = world.command(COURT, &step);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let part = 1.0 - (1.0 - f64::from(kill) / f64::from(kills)).powi(3);
        std::thread::sleep(Duration::from_secs_f64(longest.as_secs_f64() * 1.1 * part));
        child.kill().unwrap();
        child.wait().unwrap();
        found.push(end(&format!("kill {kill}")));
    }
    println!("whether the share had its name after each kill: {found:?}");
    assert!(found.contains(&false), "the first kill comes at once");
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (place, is_whole) in [
        (Place::Before(".begun"), false),
        (Place::After(".begun"), false),
        (Place::Before("step-3"), false),
        (Place::After("step-3"), true),
    ] {
        reset();
        kill_at(place, world.command(COURT, &step));
        assert_eq!(end(&format!("{place:?}")), is_whole, "{place:?}");
    }
    // What was moved away counts still.
    reset();
    world.done(COURT, &step);
    fs::rename(&own, world.file(COURT, "moved")).unwrap();
    world.refused(COURT, &step, &["a second one would begin a second quota"]);
}
