//! Wrong moves with the round: values in the wrong place, members, manifests and keys.

use super::Move;

pub(super) const ROUND: &[Move] = &[
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
];
