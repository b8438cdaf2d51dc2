//! Wrong moves with trails.

use super::Move;

pub(super) const TRAILS: &[Move] = &[
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
