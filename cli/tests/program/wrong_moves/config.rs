//! Wrong moves with `veilmatch.toml`.

use super::Move;

pub(super) const CONFIG: &[Move] = &[
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
];
