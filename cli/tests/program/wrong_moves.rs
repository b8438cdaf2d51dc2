//! Wrong moves of members and what the program says to each: the thing, what was expected, and the way out. No message
//! repeats an identifier, a token or a key. docs/wrong-moves.md shows the same messages.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use veilmatch::round::seal::passphrase::{Passphrase, protect};

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

/// What a member did that was wrong.
struct Move {
    did: &'static str,
    /// Files that are written first, or a folder, if the name ends in /. The file - is standard input. Names of values in
    /// braces stand for them.
    files: &'static [(&'static str, &'static [u8])],
    /// The arguments: PART stands for the options of every command, ROWS for an input that is right, and ~ for a space.
    run: &'static str,
    code: i32,
    /// What the message must have: the thing, what was expected, and the way out.
    says: &'static [&'static str],
}

const PART: &str = "--round round.json --secret-file secret --member bank-a --identity own.key";
const ROWS: &str = "--input rows.csv --column card=card.pan --national-plan 44/0 --column phone=phone.e164";
const OUT: &str = "--out out --force";

const MOVES: &[Move] = &[
    // Columns and files.
    Move {
        did: "a column name in another case",
        files: &[],
        run: "dry-run --input rows.csv --column Card=card.pan",
        code: 1,
        says: &["expected a column \"Card\"", "rows.csv", "did you mean \"card\"?"],
    },
    Move {
        did: "a column name with a space too many",
        files: &[("space.csv", b"card number,mail\nCARD,MAIL\n")],
        run: "tokenize PART OUT --input space.csv --column card~~number=card.pan",
        code: 1,
        says: &["expected a column \"card  number\"", "space.csv", "did you mean \"card number\"?"],
    },
    Move {
        did: "a column name that is mistyped",
        files: &[],
        run: "dry-run --input rows.csv --column custmer=opaque.customer",
        code: 1,
        says: &["expected a column \"custmer\"", "rows.csv", "did you mean \"customer\"?"],
    },
    Move {
        did: "a column that the export does not have",
        files: &[],
        run: "dry-run --input rows.csv --column card=card.pan --column wallet=crypto.evm",
        code: 1,
        says: &["expected a column \"wallet\"", "rows.csv", "got \"card\", \"mail\""],
    },
    Move {
        did: "another delimiter than the export has",
        files: &[("semicolon.csv", b"card;mail\nCARD;MAIL\n")],
        run: "dry-run --input semicolon.csv --column card=card.pan",
        code: 1,
        says: &["expected a column \"card\"", "semicolon.csv", "--delimiter semicolon"],
    },
    Move {
        did: "an export without a header",
        files: &[("bare.csv", b"CARD,MAIL\nCARD_2,MAIL_2\n")],
        run: "dry-run --input bare.csv --column card=card.pan",
        code: 1,
        says: &["expected a column \"card\"", "bare.csv", "first line may be a row", "--no-header"],
    },
    Move {
        did: "an export without a header, read by its first column",
        files: &[("bare.csv", b"CARD,MAIL\nCARD_2,MAIL_2\n")],
        run: "tokenize PART OUT --input bare.csv --kind card.pan",
        code: 1,
        says: &["bare.csv", "a row of card.pan/1", "--no-header"],
    },
    Move {
        did: "exports whose headers differ",
        files: &[("other.csv", b"card,phone,telefax\nCARD,NATIONAL,\n")],
        run: "tokenize PART OUT ROWS --input other.csv",
        code: 1,
        says: &[
            "expected the columns of rows.csv",
            "other.csv",
            "it lacks \"mail\"",
            "export the files alike",
        ],
    },
    Move {
        did: "another file in the folder of the exports",
        files: &[("strange/a.csv", b"card\nCARD\n"), ("strange/notes.docx", b"CARD_2")],
        run: "tokenize PART OUT --input strange --column card=card.pan",
        code: 1,
        says: &["notes.docx", "expected files *.csv", "--skip-others"],
    },
    Move {
        did: "an export that is not there",
        files: &[],
        run: "tokenize PART OUT --input row.csv --column card=card.pan",
        code: 1,
        says: &["row.csv", "No such file"],
    },
    Move {
        did: "standard input twice",
        files: &[("-", b"card\nCARD\n")],
        run: "tokenize PART OUT --input - - --column card=card.pan",
        code: 1,
        says: &["standard input", "given twice", "expected a file in one of the two places"],
    },
    Move {
        did: "another number of rows than was expected",
        files: &[],
        run: "tokenize PART OUT ROWS --expect-rows 3",
        code: 1,
        says: &["rows.csv", "expected 3 rows, got 2", "is it the right input"],
    },
    // Encodings.
    Move {
        did: "Latin-1 without --encoding, for a kind that takes any text",
        files: &[("latin.csv", b"customer\nk-M\xfcller\nk-Muster-1\n")],
        run: "tokenize PART OUT --input latin.csv --column customer=opaque.customer",
        code: 0,
        says: &["are not UTF-8", "opaque.customer/1", "1 of 2 rows", "--encoding"],
    },
    Move {
        did: "Latin-1 without --encoding, for addresses",
        files: &[("latin.csv", b"mail\nj\xfcrgen@shop.example\nMAIL\n")],
        run: "dry-run --input latin.csv --column mail=email.mailbox",
        code: 0,
        says: &["are not UTF-8", "1 of 2 rows", "--encoding"],
    },
    Move {
        did: "UTF-16 without its mark and without --encoding",
        files: &[("wide.csv", b"c\0a\0r\0d\0\n\x009\x009\x009\x009\x001\0\n\0")],
        run: "tokenize PART OUT --input wide.csv --column card=card.pan",
        code: 1,
        says: &["wide.csv", "expected UTF-8", "--encoding utf-16le"],
    },
    Move {
        did: "UTF-16 with its mark, without --encoding",
        files: &[("wide.csv", b"\xff\xfec\0a\0r\0d\0\n\x009\x009\x009\x009\x001\0\n\0")],
        run: "tokenize PART OUT --input wide.csv --column card=card.pan",
        code: 1,
        says: &["wide.csv", "expected UTF-8", "--encoding utf-16le"],
    },
    Move {
        did: "an encoding that nobody knows",
        files: &[],
        run: "tokenize PART OUT ROWS --encoding latin-one",
        code: 1,
        says: &["--encoding", "expected the name of an encoding", "latin1"],
    },
    Move {
        did: "an encoding that the export does not have",
        files: &[("latin.csv", b"customer\nk-M\xfcller\nk-Muster-1\n")],
        run: "tokenize PART OUT --input latin.csv --column customer=opaque.customer --encoding utf-8",
        code: 0,
        says: &["are not UTF-8", "opaque.customer/1", "1 of 2 rows", "--encoding"],
    },
    // Kinds.
    Move {
        did: "UTF-16 stated for an export in UTF-8",
        files: &[("utf8.csv", b"card\nCARD\n")],
        run: "tokenize PART OUT --input utf8.csv --column card=card.pan --encoding utf-16le",
        code: 1,
        says: &["utf8.csv", "expected a column \"card\"", "not shown"],
    },
    Move {
        did: "bytes that are no text in the stated encoding",
        files: &[("latin.csv", b"customer\nk-M\xfcller\nk-Muster-1\n")],
        run: "tokenize PART OUT --input latin.csv --column customer=opaque.customer --encoding euc-jp",
        code: 1,
        says: &["latin.csv", "expected EUC-JP", "is it another encoding?"],
    },
    Move {
        did: "the wrong column: no value of the kind",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column customer=card.pan",
        code: 1,
        says: &[
            "rows.csv",
            "column \"customer\", card.pan/1",
            "expected at least 1 %",
            "dry-run",
            "--min-accepted 0",
        ],
    },
    Move {
        did: "the wrong column, taken as it is",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column customer=card.pan --min-accepted 0",
        code: 0,
        says: &["no row is an identifier", "card.pan/1", "right kind and column?"],
    },
    Move {
        did: "a kind that is mistyped",
        files: &[],
        run: "dry-run --input rows.csv --column card=crad.pan",
        code: 1,
        says: &["crad.pan", "did you mean card.pan?"],
    },
    Move {
        did: "a kind that is not in the round",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column card=net.ip",
        code: 1,
        says: &["net.ip/1", "expected a kind that its manifest lists", "inspect"],
    },
    Move {
        did: "national numbers without their plan, in a dry run",
        files: &[],
        run: "dry-run --input rows.csv --column phone=phone.e164",
        code: 0,
        says: &["lack a country code", "2 of 2 rows", "--national-plan, such as 44/0"],
    },
    Move {
        did: "national numbers without their plan, in tokenize",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column phone=phone.e164",
        code: 1,
        says: &["lack a country code", "phone.e164/1", "2 of 2 rows", "--national-plan, such as 44/0"],
    },
    Move {
        did: "a national plan with a plus",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column phone=phone.e164 --national-plan +44",
        code: 1,
        says: &["--national-plan", "expected calling code/trunk prefix", "44/0"],
    },
    Move {
        did: "national numbers without their plan, in resolve",
        files: &[],
        run: "resolve PART --input rows.csv --column phone=phone.e164 --share shares/bank-a.phone.e164-1.vsh",
        code: 1,
        says: &["rows.csv", "another set of bank-a", "--national-plan"],
    },
    // Values in the wrong place.
    Move {
        did: "a value as the kind",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column card=CARD",
        code: 1,
        says: &["no such kind", "veilmatch kinds lists them"],
    },
    Move {
        did: "a value as the member",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --identity own.key --member CARD OUT ROWS",
        code: 1,
        says: &["*** is not a member", "expected a name that its manifest lists", "inspect"],
    },
    Move {
        did: "a value as the name of a column",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column CARD=card.pan",
        code: 1,
        says: &["rows.csv", "expected a column of that name", "not shown"],
    },
    // The round and its members.
    Move {
        did: "an address as the member",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --identity own.key --member MAIL OUT ROWS",
        code: 2,
        says: &["'***' for '--member <NAME>'", "expected a name of 1 to 64 characters"],
    },
    Move {
        did: "a value as an opaque kind",
        files: &[],
        run: "tokenize PART OUT --input rows.csv --column card=opaque.CARD",
        code: 1,
        says: &["kind ***", "expected a kind that its manifest lists", "inspect"],
    },
    Move {
        did: "a value where no argument is expected",
        files: &[],
        run: "tokenize CARD PART OUT ROWS",
        code: 2,
        says: &["unexpected argument '***'"],
    },
    Move {
        did: "a value as a number of rows",
        files: &[],
        run: "tokenize PART OUT ROWS --expect-rows MAIL",
        code: 2,
        says: &["'***' for '--expect-rows <N>'", "invalid digit"],
    },
    Move {
        did: "an export of customers without a header",
        files: &[("bare.csv", b"CUSTOMER,London\nCUSTOMER_2,Leeds\n")],
        run: "dry-run --input bare.csv --column customer=opaque.customer",
        code: 1,
        says: &["expected a column \"customer\"", "bare.csv", "first line may be a row", "--no-header"],
    },
    Move {
        did: "a member that the round does not have",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --identity own.key --member bank-z OUT ROWS",
        code: 1,
        says: &["bank-z is not a member", "expected a name that its manifest lists", "inspect"],
    },
    Move {
        did: "a member's name in another case",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --identity own.key --member Bank-A OUT ROWS",
        code: 0,
        says: &["card.pan/1", "2 rows, 2 accepted"],
    },
    Move {
        did: "the manifest of another coalition",
        files: &[],
        run: "tokenize --round other.json --secret-file secret --identity own.key --member bank-a OUT ROWS",
        code: 1,
        says: &["bank-a is not a member", "expected a name that its manifest lists", "inspect"],
    },
    Move {
        did: "a manifest that was edited, where its digest is known",
        files: &[],
        run: "tokenize --round edited.json --round-digest DIGEST --secret-file secret --member bank-a --identity own.key OUT ROWS",
        code: 1,
        says: &["edited.json", "another manifest than the one agreed", "expected digest"],
    },
    Move {
        did: "a manifest that is no manifest",
        files: &[("broken.json", b"{\"coalition\": ")],
        run: "tokenize --round broken.json --secret-file secret --identity own.key --member bank-a OUT ROWS",
        code: 1,
        says: &["broken.json", "not a manifest of a round", "expected JSON"],
    },
    Move {
        did: "a round that is over",
        files: &[],
        run: "tokenize --round over.json --secret-file secret --identity own.key --member bank-a OUT ROWS",
        code: 1,
        says: &["over.json: the round ended at 2026-01-31T00:00:00Z"],
    },
    // Keys.
    Move {
        did: "the key file of another member",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --member bank-a --identity b.key OUT ROWS",
        code: 1,
        says: &["bank-a: keys", "not the ones that the round lists", "--identity"],
    },
    Move {
        did: "no key file",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --member bank-a OUT ROWS",
        code: 1,
        says: &["expected --identity", "signed and sealed"],
    },
    Move {
        did: "a key file that others can read",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --member bank-a --identity open.key OUT ROWS",
        code: 1,
        says: &["open.key", "others than its owner", "chmod 600"],
    },
    Move {
        did: "the public keys in the place of the key file",
        files: &[],
        run: "tokenize --round round.json --secret-file secret --member bank-a --identity public.key OUT ROWS",
        code: 1,
        says: &["public.key", "expected `veilmatch identity 1`"],
    },
    Move {
        did: "the key file in the place of the secret",
        files: &[],
        run: "tokenize --round round.json --secret-file own.key --member bank-a --identity own.key OUT ROWS",
        code: 1,
        says: &["own.key", "secret: expected one line that begins with `vmsecret1`"],
    },
    Move {
        did: "a wrong passphrase",
        files: &[("-", b"WRONG_WORDS\n")],
        run: "tokenize --round round.json --secret-file secret --member bank-a --identity locked.key --passphrase-fd 0 OUT ROWS",
        code: 1,
        says: &["locked.key", "passphrase", "is a character mistyped?"],
    },
    // What the hub sent.
    Move {
        did: "the share of another member",
        files: &[],
        run: "resolve PART ROWS --share of-b.vsh",
        code: 1,
        says: &["of-b.vsh", "not sealed to this key", "is it the file of another member"],
    },
    Move {
        did: "a share of another round",
        files: &[],
        run: "resolve --round next.json --secret-file secret --member bank-a --identity own.key ROWS --share shares/bank-a.card.pan-1.vsh",
        code: 1,
        says: &["shares/bank-a.card.pan-1.vsh", "differs in the round", "of another round?"],
    },
    Move {
        did: "two shares of one kind",
        files: &[],
        run: "resolve PART ROWS --share shares/bank-a.card.pan-1.vsh shares/bank-a.card.pan-1.vsh",
        code: 1,
        says: &["two shares of card.pan/1", "expected one for each kind"],
    },
    Move {
        did: "a kind without a share",
        files: &[],
        run: "resolve PART ROWS --share shares/bank-a.card.pan-1.vsh",
        code: 0,
        says: &["phone.e164/1: no share was given", "nothing is said of these rows"],
    },
    Move {
        did: "other rows than were tokenised",
        files: &[("later.csv", b"card\nCARD\n")],
        run: "resolve PART --input later.csv --column card=card.pan --share shares/bank-a.card.pan-1.vsh",
        code: 1,
        says: &["later.csv", "another set of bank-a", "expected the input that tokenize had"],
    },
    Move {
        did: "a subject column that the export does not have",
        files: &[],
        run: "resolve PART ROWS --share shares --subject-column customer_id",
        code: 1,
        says: &["expected a column \"customer_id\"", "rows.csv", "did you mean \"customer\"?"],
    },
    // Output.
    Move {
        did: "output that is there already",
        files: &[("there/", b"")],
        run: "tokenize PART ROWS --out there",
        code: 1,
        says: &["there: is there already", "--force"],
    },
    Move {
        did: "output in the place of an input",
        files: &[],
        run: "tokenize PART ROWS --out rows.csv --force",
        code: 1,
        says: &["--out is rows.csv", "expected another place"],
    },
    // The configuration.
    Move {
        did: "a key of veilmatch.toml that is mistyped",
        files: &[("my.toml", b"member = \"bank-a\"\nnational-pln = \"44/0\"\n")],
        run: "tokenize --config my.toml OUT ROWS",
        code: 1,
        says: &["my.toml", "key national-pln", "did you mean national-plan?"],
    },
    Move {
        did: "a key of veilmatch.toml that no option has",
        files: &[("my.toml", b"colour = \"blue\"\n")],
        run: "tokenize --config my.toml OUT ROWS",
        code: 1,
        says: &["my.toml", "key colour", "expected the name of an option"],
    },
    Move {
        did: "a value as a key of veilmatch.toml",
        files: &[("my.toml", b"\"MAIL\" = \"email.mailbox\"\n")],
        run: "tokenize --config my.toml OUT ROWS",
        code: 1,
        says: &["my.toml", "a key", "expected the name of an option"],
    },
    Move {
        did: "a value of another type in veilmatch.toml",
        files: &[("my.toml", b"member = [\"bank-a\"]\n")],
        run: "tokenize --config my.toml OUT ROWS",
        code: 1,
        says: &["my.toml", "member", "expected one value, got a list"],
    },
    Move {
        did: "a yes in veilmatch.toml",
        files: &[("my.toml", b"skip-others = \"yes\"\n")],
        run: "tokenize --config my.toml OUT ROWS",
        code: 1,
        says: &["my.toml", "skip-others", "expected true or false"],
    },
    Move {
        did: "a text without quotes in veilmatch.toml",
        files: &[("my.toml", b"member = \"bank-a\"\nround = round.json\n")],
        run: "tokenize --config my.toml OUT ROWS",
        code: 1,
        says: &["my.toml: line 2", "expected TOML", "member = \"bank-a\""],
    },
    Move {
        did: "a table of no command in veilmatch.toml",
        files: &[("my.toml", b"[tokenise]\nout = \"sets\"\n")],
        run: "tokenize --config my.toml OUT ROWS",
        code: 1,
        says: &["my.toml: [tokenise]", "expected a table of a command", "tokenize"],
    },
    Move {
        did: "a configuration that is not there",
        files: &[],
        run: "tokenize --config mine.toml OUT ROWS",
        code: 1,
        says: &["mine.toml", "No such file"],
    },
    // Trails.
    Move {
        did: "a leaf that the round does not match",
        files: &[],
        run: "round new --coalition c --epoch 1 --at-least 2 --kind card.pan --member a --member b --out x --trail --leaf net.ip",
        code: 1,
        says: &["--leaf", "net.ip/1 is not matched", "expected one of --kind"],
    },
    Move {
        did: "a value as the id of a trail",
        files: &[],
        run: "release --round round.json --member bank-a --trail t --trail-id CARD --authority k --case 1 --contact c --out x",
        code: 2,
        says: &["--trail-id", "expected 32 lower-case hex digits"],
    },
    Move {
        did: "a release in a round without trails",
        files: &[],
        run: "release --round round.json --member bank-a --identity own.key --trail t --trail-id 00000000000000000000000000000000 \
              --authority hub.pub --case 1 --contact c --out x",
        code: 1,
        says: &["expected a round whose manifest allows trails", "round new --trail"],
    },
];

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
struct Trap {
    coalition: Coalition,
    /// Digests of the manifests: that of the round first.
    digests: Vec<String>,
    /// What no message may repeat.
    hidden: Vec<String>,
}

impl Trap {
    fn new() -> Self {
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
    fn make(&self, step: &Move) -> Run {
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

/// The message of a run: the line, or in a message on wrong use the paragraph, that has this word.
fn message(run: &Run, word: &str) -> Option<String> {
    let all = format!("{}{}", run.stdout, run.stderr);
    let found = match all.starts_with("error: ") {
        true => all.split("\n\n").find(|paragraph| paragraph.contains(word)),
        false => all.lines().find(|line| line.contains(word)),
    }?;
    Some(found.trim().trim_start_matches("veilmatch: ").to_owned())
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wrong-moves.md")
}

/// The rows of the table of the page: what was done, the message, and what to do.
fn rows(page: &str) -> Vec<[String; 3]> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = |row: &str| row.split(" | ").map(str::to_owned).collect::<Vec<_>>().try_into();
    rows.skip(1).map(|row| cells(row).unwrap_or_else(|_| panic!("three cells: {row}"))).collect()
}

#[test]
fn each_wrong_move_is_told_what_was_expected_and_the_way_out_and_nothing_is_repeated() {
    let trap = Trap::new();
    let mut said = Vec::new();
    for step in MOVES {
        let run = trap.make(step);
        assert_eq!(run.code, Some(step.code), "{}: {}", step.did, run.stderr);
        let message = message(&run, step.says[0]).unwrap_or_else(|| panic!("{}: {run:?}", step.did));
        for word in step.says {
            assert!(message.contains(word), "{}: no {word:?} in {message}", step.did);
        }
        let shown = trap.digests.iter().fold(message, |text, digest| text.replace(digest, "<digest>"));
        assert!(!shown.contains(" | ") && !shown.contains("``"), "a sign of tables: {shown}");
        said.push((step.did, format!("`` {shown} ``")));
    }
    // `BLESS=1 cargo test -p veilmatch-cli --test program wrong_moves` writes what was said into the page, to be looked at.
    let text = fs::read_to_string(page()).unwrap();
    let found = rows(&text);
    if std::env::var_os("BLESS").is_some() {
        let before = text.split("\n| ").next().unwrap();
        let to_do = |did: &str| found.iter().find(|row| row[0] == did).map_or("?", |row| &row[2]);
        let table: String =
            said.iter().map(|(did, shown)| format!("| {did} | {shown} | {} |\n", to_do(did))).collect();
        let head = "| what you did | what veilmatch says | what to do |\n|---|---|---|\n";
        return fs::write(page(), format!("{before}\n{head}{table}")).unwrap();
    }
    let expected: Vec<(&str, String)> =
        found.iter().map(|[did, shown, _]| (did.as_str(), shown.clone())).collect();
    for (row, said) in expected.iter().zip(&said) {
        assert_eq!(row, said, "docs/wrong-moves.md");
    }
    assert_eq!(expected.len(), said.len(), "docs/wrong-moves.md");
    assert!(found.iter().all(|[.., to_do]| to_do != "?"), "each row says what to do");
}
