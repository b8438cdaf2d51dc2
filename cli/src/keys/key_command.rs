//! Keys from a command, such as the client of a key service or vault. What it prints is read, within bounds.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::Failure;
use crate::keys::guard;

/// Longest output that is read; a line of age takes a tenth of it.
const LONGEST: usize = 4096;

/// The longest time that a command may take, until its output is closed and it has ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// The time between two checks whether a command has ended, once it has closed its output.
const ASKED_EVERY: Duration = Duration::from_millis(5);

/// Returns what a command prints. Errors name `option`: the command line itself may hold what nobody should read.
///
/// There is no shell. Standard input is empty; standard error goes through. A command that takes too long or prints too
/// much is ended, on Unix together with the processes that it started.
pub(crate) fn output(line: &str, option: &'static str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let words = shlex::split(line).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| refused(option, "expected a command whose quotes are closed"))?;
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let deadline = Instant::now() + PATIENCE;
    let child = command
        .spawn()
        .map_err(|error| refused(option, &format!("the command cannot be started: {error}")))?;
    let mut running = Running { child, ended: false };
    let output = running.read(deadline, option)?;
    let status = running.wait(deadline, option)?;
    if !status.success() {
        return Err(refused(option, &format!("the command failed: {status}")));
    }
    Ok(output)
}

fn refused(option: &str, problem: &str) -> Failure {
    Failure::Refused { code: "key_command", message: format!("{option}: {problem}") }
}

fn too_slow(option: &str) -> Failure {
    refused(option, "the command took more than 60 seconds and was ended; it has no terminal to ask on")
}

/// A command that is ended when this is dropped.
struct Running {
    child: Child,
    ended: bool,
}

impl Running {
    /// Reads all that the command prints.
    fn read(&mut self, deadline: Instant, option: &'static str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut pipe = self.child.stdout.take().expect("it was asked for");
        let (done, read) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = Zeroizing::new(vec![0; LONGEST + 1]);
            guard::hold(&bytes[..]);
            let mut len = 0;
            let whole = loop {
                match pipe.read(&mut bytes[len..]) {
                    Ok(0) => break Ok(len <= LONGEST),
                    Ok(read) => len += read,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => break Err(error),
                }
            };
            bytes.truncate(len);
            let _ = done.send(whole.map(|whole| (whole, bytes)));
        });
        match read.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Ok((true, bytes))) => Ok(bytes),
            Ok(Ok((false, _))) => Err(refused(option, "the command printed more than 4,096 bytes")),
            Ok(Err(error)) => Err(refused(option, &format!("the command cannot be read: {error}"))),
            Err(_) => Err(too_slow(option)),
        }
    }

    fn wait(&mut self, deadline: Instant, option: &'static str) -> Result<ExitStatus, Failure> {
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    self.ended = true;
                    return Ok(status);
                }
                Ok(None) if Instant::now() < deadline => thread::sleep(ASKED_EVERY),
                Ok(None) => return Err(too_slow(option)),
                Err(error) => {
                    return Err(refused(option, &format!("the command cannot be waited for: {error}")));
                }
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
