//! A round in which wrong moves are made, and the values that no message may repeat.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use veilmatch::round::seal::passphrase::{Passphrase, protect};

use super::Move;
use crate::support::coalition::{Coalition, HUB};
use crate::support::run::Run;

const A: &str = "bank-a";
const B: &str = "bank-b";

/// Values that stand in the inputs; none may stand in a message.
const CARD: &str = "9999100000001562";
const CARD_2: &str = "9999100000002933";
const NATIONAL: &str = "020 7946 0958";
const NATIONAL_2: &str = "020 7946 0959";
const MAIL: &str = "jane.doe@shop.example";
const MAIL_2: &str = "joe.bloggs@shop.example";
const CUSTOMER: &str = "k-Muster-1";
const CUSTOMER_2: &str = "k-Muster-2";
const WORDS: &str = "correct horse battery staple";
const WRONG_WORDS: &str = "tr0ub4dor and three";
const VALUES: [&str; 10] =
    [CARD, CARD_2, NATIONAL, NATIONAL_2, MAIL, MAIL_2, CUSTOMER, CUSTOMER_2, WORDS, WRONG_WORDS];

const PART: &str = "--round round.json --secret-file secret --member bank-a --identity own.key";
const ROWS: &str = "--input rows.csv --column card=card.pan --national-plan 44/0 --column phone=phone.e164";
const OUT: &str = "--out out --force";

/// The names of the values that the moves use.
const NAMES: [(&str, &str); 11] = [
    ("CARD_2", CARD_2),
    ("CARD", CARD),
    ("CUSTOMER_2", CUSTOMER_2),
    ("CUSTOMER", CUSTOMER),
    ("NATIONAL", NATIONAL),
    ("MAIL_2", MAIL_2),
    ("MAIL", MAIL),
    ("WRONG_WORDS", WRONG_WORDS),
    ("PART", PART),
    ("ROWS", ROWS),
    ("OUT", OUT),
];

/// A round of two members that was matched, and what else lies about in the folder of `bank-a`.
pub(super) struct Trap {
    coalition: Coalition,
    /// Digests of the manifests: that of the round first.
    pub(super) digests: Vec<String>,
    /// What no message may repeat.
    hidden: Vec<String>,
}

impl Trap {
    pub(super) fn new() -> Self {
        let kinds =
            "--at-least 2 --kind card.pan --kind phone.e164 --kind email.mailbox --kind opaque.customer";
        let coalition = Coalition::new(&[A, B], true, kinds);
        let rows = format!(
            "card,mail,phone,customer,note\n{CARD},{MAIL},{NATIONAL},{CUSTOMER},\n{CARD_2},{MAIL_2},{NATIONAL_2},{CUSTOMER_2},\n"
        );
        let columns = "--keep kept --national-plan 44/0 --column card=card.pan --column phone=phone.e164 \
                       --column mail=email.mailbox --column customer=opaque.customer";
        let mut sets = Vec::new();
        for who in [A, B] {
            coalition.write(who, "rows.csv", &rows);
            sets.extend(coalition.tokenize(who, columns));
        }
        let done = coalition.intersect(&sets);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        fs::create_dir(coalition.file(A, "shares")).unwrap();
        for name in coalition.names_in(HUB, "result").iter().filter(|name| name.starts_with(A)) {
            coalition.carry(HUB, &format!("result/{name}"), A, &format!("shares/{name}"));
        }
        coalition.carry(HUB, "result/bank-b.card.pan-1.vsh", A, "of-b.vsh");
        let mut trap = Self { coalition, digests: Vec::new(), hidden: VALUES.map(str::to_owned).to_vec() };
        trap.lay_manifests();
        trap.lay_keys();
        trap
    }

    fn lay_manifests(&mut self) {
        let new = |terms: &str, out: &str| {
            self.coalition.done(
                A,
                &format!("round new --at-least 2 --kind card.pan --hub hub.pub --out {out} {terms}"),
            );
        };
        let own = "--coalition efc --epoch 7 --member bank-a=bank-a.pub --member bank-b=bank-b.pub";
        new("--coalition abc --epoch 7 --member bank-x=bank-a.pub --member bank-y=bank-b.pub", "other.json");
        new(&format!("{own} --number 2"), "next.json");
        new(&format!("{own} --not-after 2026-01-31T00:00:00Z"), "over.json");
        let round = fs::read_to_string(self.coalition.file(A, "round.json")).unwrap();
        self.coalition.write(A, "edited.json", round.replacen('7', "8", 1));
        for manifest in ["round.json", "next.json", "edited.json"] {
            let inspected = self.coalition.done(A, &format!("inspect {manifest}")).stdout;
            let digest = inspected.lines().find_map(|line| line.strip_prefix("digest: ")).unwrap();
            self.digests.push(digest.to_owned());
        }
    }

    fn lay_keys(&mut self) {
        let text = |who: &str, name: &str| fs::read_to_string(self.coalition.file(who, name)).unwrap();
        let own = text(A, "own.key");
        let locked = protect(own.as_bytes(), &Passphrase::new(WORDS).unwrap(), 1).unwrap();
        let secrets = [own.clone(), text(A, "secret"), text(B, "own.key")];
        for (name, content, mode) in [
            ("open.key", own.as_bytes(), 0o644),
            ("b.key", secrets[2].as_bytes(), 0o600),
            ("public.key", text(A, "own.key.pub").as_bytes(), 0o600),
            ("locked.key", &locked, 0o600),
        ] {
            self.coalition.write(A, name, content);
            fs::set_permissions(self.coalition.file(A, name), Permissions::from_mode(mode)).unwrap();
        }
        self.coalition.done(A, "keygen --out other.secret");
        let words = secrets.iter().flat_map(|text| text.split_whitespace()).filter(|word| word.len() > 40);
        self.hidden.extend(words.map(str::to_owned));
        assert!(self.hidden.len() >= VALUES.len() + 5, "two keys of each key file, and the secret");
    }

    /// Makes the move and checks that nothing hidden was said.
    pub(super) fn make(&self, step: &Move) -> Run {
        let named =
            |text: &str| NAMES.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let mut input = None;
        for (name, content) in step.files {
            let path = self.coalition.file(A, if *name == "-" { "stdin" } else { name });
            if name.ends_with('/') {
                fs::create_dir(path).unwrap();
                continue;
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match std::str::from_utf8(content) {
                Ok(text) => fs::write(&path, named(text)).unwrap(),
                Err(_) => fs::write(&path, content).unwrap(),
            }
            input = (*name == "-").then_some(path);
        }
        let arguments = named(step.run).replace("DIGEST", &self.digests[0]);
        let mut command = self.coalition.command(A, "");
        command.args(arguments.split(' ').map(|argument| argument.replace('~', " ")));
        if let Some(input) = input {
            command.stdin(File::open(input).unwrap());
        }
        let run = Run::from(command.output().unwrap());
        let said = format!("{}{}", run.stdout, run.stderr).to_lowercase();
        for hidden in &self.hidden {
            assert!(!said.contains(&hidden.to_lowercase()), "{}: {said}", step.did);
        }
        for run in said.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() >= 32) {
            assert!(self.digests.iter().any(|digest| digest == run), "{}: a token? {said}", step.did);
        }
        run
    }
}
