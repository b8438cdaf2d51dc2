//! National telephone numbers, written as a country writes them.

use crate::support::coalition::{Coalition, HUB};

/// A member that exports national numbers, and one that exports international ones.
#[test]
fn members_with_and_without_a_plan_match_and_resolve() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind phone.e164");
    coalition.write("a", "rows.csv", "phone\n020 7946 0958\n+39 06 0000 0000\n20 7946 0958\n");
    coalition.write("b", "rows.csv", "phone\n+44 (0)20 7946 0958\n0039 06 0000 0000\n");
    let columns = "--column phone=phone.e164";
    let mut sets = coalition.tokenize("a", &format!("{columns} --national-plan 44/0"));
    sets.extend(coalition.tokenize("b", columns));
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.phone.e164-1.vsh", "a", "share");
    let resolve = format!("resolve {} {columns} --input rows.csv --share share", coalition.part("a"));
    let planned = coalition.done("a", &format!("{resolve} --national-plan 44/0")).stdout;
    assert_eq!(planned, "row,line,kind,holders,names\n1,2,phone.e164/1,2,a b\n2,3,phone.e164/1,2,a b\n");
    // Without the plan the rows are not those that were tokenised.
    let unplanned = coalition.run("a", &resolve);
    assert_eq!(unplanned.code, Some(1));
    assert!(unplanned.stderr.contains("than these rows give"), "{}", unplanned.stderr);
    for bad in ["44", "044/0", "44/00", "4/0"] {
        let run = coalition.run("a", &format!("dry-run {columns} --input rows.csv --national-plan {bad}"));
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains("expected calling code/trunk prefix"), "{}", run.stderr);
    }
}
