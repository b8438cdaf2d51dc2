//! Passphrases: typed on the terminal, or read from a file descriptor; never from arguments or the environment.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};

use veilmatch::Error;
use veilmatch::round::seal::passphrase::Passphrase;
use zeroize::Zeroizing;

use crate::keys::guard;
use crate::session::take_stdin;
use crate::terminal::printable::printable;

/// The source of this run's passphrases.
pub(crate) struct Passphrases {
    /// The file descriptor; without one, the terminal is asked.
    descriptor: Option<u32>,
    lines: RefCell<Lines>,
}

/// The lines that were read from a descriptor.
#[derive(Default)]
struct Lines {
    file: Option<File>,
    read: usize,
    /// The first line; it serves for all files if no other line follows.
    first: Zeroizing<String>,
}

impl Passphrases {
    pub(crate) fn from(descriptor: Option<u32>) -> Self {
        Self { descriptor, lines: RefCell::default() }
    }

    /// Returns the passphrase that protects a file; `whose` names the file.
    pub(crate) fn of(&self, whose: &str) -> Result<Passphrase, Error> {
        let passphrase = match self.descriptor {
            Some(number) => self.lines.borrow_mut().next(number)?,
            None => typed(&format!("passphrase of {}: ", printable(whose)))?,
        };
        Passphrase::new(&passphrase)
    }

    /// Returns a passphrase for a new file; on a terminal it is typed twice.
    pub(crate) fn for_new(&self, whose: &str) -> Result<Passphrase, Error> {
        if self.descriptor.is_some() {
            return self.of(whose);
        }
        let whose = printable(whose);
        let first = Passphrase::new(&typed(&format!("new passphrase of {whose}: "))?)?;
        let again = typed("again: ")?;
        match Passphrase::new(&again) {
            Ok(again) if again.is(&first) => Ok(first),
            _ => Err(Error::Passphrase { problem: "expected the same one twice, got two" }),
        }
    }
}

fn typed(prompt: &str) -> Result<Zeroizing<String>, Error> {
    let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
    let typed = typed.map_err(|error| {
        let problem = format!("expected a terminal to ask for a passphrase, or --passphrase-fd: {error}");
        Error::from(io::Error::new(error.kind(), problem))
    })?;
    guard::hold(typed.as_bytes());
    Ok(typed)
}

impl Lines {
    /// Returns the next line, or the only one.
    fn next(&mut self, number: u32) -> Result<Zeroizing<String>, Error> {
        let read =
            self.line(number).map_err(|error| Error::from(error).at(format!("descriptor {number}")))?;
        let problem = match (read, self.read) {
            (Some(line), before) => {
                self.read += 1;
                self.first = if before == 0 { line.clone() } else { Zeroizing::default() };
                return Ok(line);
            }
            (None, 1) => return Ok(self.first.clone()),
            (None, 0) => "expected a line with a passphrase, got none",
            (None, _) => "expected one line for all files or one for each, got fewer",
        };
        Err(Error::Passphrase { problem }.at(format!("descriptor {number}")))
    }

    /// Reads a line without its end; returns none at the end of the input.
    fn line(&mut self, number: u32) -> io::Result<Option<Zeroizing<String>>> {
        if self.file.is_none() {
            if number == 0 {
                take_stdin()?; // nothing else can be read from it
            }
            self.file = Some(File::open(format!("/dev/fd/{number}"))?);
        }
        let Some(file) = &mut self.file else { return Ok(None) };
        // There is room for the longest line: a vector that grew would leave its old bytes behind.
        let mut line = Zeroizing::new(Vec::with_capacity(Passphrase::MAX_LEN + 2));
        guard::hold(line.spare_capacity_mut());
        let mut byte = Zeroizing::new([0]);
        // It reads byte by byte: what follows the line stays where it is, and goes into no other buffer.
        while file.read(&mut *byte)? == 1 && byte[0] != b'\n' {
            line.push(byte[0]);
            if line.len() > Passphrase::MAX_LEN + 1 {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "expected at most 1,024 bytes in a line",
                ));
            }
        }
        if line.is_empty() && byte[0] != b'\n' {
            return Ok(None);
        }
        if line.ends_with(b"\r") {
            line.pop();
        }
        let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "expected UTF-8 text");
        Ok(Some(Zeroizing::new(std::str::from_utf8(&line).map_err(not_text)?.to_owned())))
    }
}
