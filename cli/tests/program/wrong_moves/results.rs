//! Wrong moves with what the hub sent, and with output.

use super::Move;

pub(super) const RESULTS: &[Move] = &[
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
];
