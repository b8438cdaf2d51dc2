//! Withholds small results, and as many others as are needed so that nothing gives the small ones back.

use std::collections::BTreeMap;

use crate::terms::Name;

use super::{Combinations, KindReport, Report};

impl Report {
    /// Withholds small results in every kind: see [`KindReport::withhold`].
    ///
    /// This is the last step before a report is shown: what is added to [`Report::kinds`] afterwards stays as it is. If
    /// a report withholds something already, more is withheld, never less.
    #[must_use]
    pub fn withholding(mut self, min_result: u64) -> Self {
        self.min_result = self.min_result.max(min_result);
        self.kinds.iter_mut().for_each(|kind| kind.withhold(self.min_result));
        self
    }
}

impl KindReport {
    /// Withholds the **small** cells of `overlaps`, `by_holder_count` or `pairs`, from 1 to `min_result` − 1, and what
    /// would give them back. 0 and 1 withhold nothing. It makes one pass over the pairs.
    ///
    /// A zero is not small: it says nothing about anybody. If a cell is small, these are withheld:
    ///
    /// - `overlaps` and all of `by_holder_count`, because the sizes of the sets and the pairs tie them to one another;
    /// - the small pairs alone, if there is room. There is room if the other pairs and `min_result` − 1 for each small
    ///   one take up no more of any member's set than it has, and leave at least `min_result` tokens over in all; one
    ///   pair is at least 2 · `min_result` − 1; and the number of tokens of exactly two holders is not small. Otherwise
    ///   all pairs are withheld.
    ///
    /// # What it promises
    ///
    /// Take any small cell, and any value from 1 to `min_result` − 1 that it can have at all with sets of these sizes.
    /// Then tokens could be spread over the members so that the sets have their sizes, the cell has that value, and
    /// this very report comes out, with the same cells withheld. So the value is not narrowed down by sums, by
    /// inequalities between the cells, or by knowing how cells are chosen. If only the small pairs are withheld, every
    /// one of these values is possible. Proof: SPEC.md, section 9.
    ///
    /// `combinations` is withheld if any combination is small, of whatever number of holders, listed or not. So where it
    /// is shown, nothing is small, and where a cell is small, it is not shown.
    ///
    /// With a `min_result` of 2 this is little: a small cell can only be 1.
    ///
    /// # What it does not
    ///
    /// A difference of cells that are shown can be small. For example, of three members: what two of them share, less
    /// what all three share, is what those two alone share. Only cells are withheld, not what follows from cells that
    /// no rule calls small.
    ///
    /// Possible does not mean equally likely. What members brought (rows, sizes, rejections) is not withheld. Whoever
    /// has more than one report knows more: reports of another `min_result`, or of other sets or kinds of the same
    /// rows; only the threshold k makes no difference. A member knows more too, by its own rows and its share.
    pub fn withhold(&mut self, min_result: u64) {
        // A cell that was withheld before was small, or stands for a small one.
        let small = |cell: &Option<u64>| cell.is_none_or(|count| (1..min_result).contains(&count));
        // Every cell is a sum over combinations: where none of them is small, nothing else is.
        let none_small = |all: &Combinations| !(1..min_result).contains(&all.smallest);
        let any_small_cell = self.cells().any(small);
        self.combinations =
            self.combinations.take().filter(|all| min_result <= 1 || none_small(all) && !any_small_cell);
        if min_result <= 1 || !any_small_cell {
            return;
        }
        let few_of_two = self.by_holder_count.0.get(1).is_none_or(small);
        let room = !few_of_two && self.has_room_around_small_pairs(min_result);
        self.overlaps = None;
        self.by_holder_count.0.fill(None);
        for pair in &mut self.pairs {
            pair.overlap = pair.overlap.filter(|_| room && !small(&pair.overlap));
        }
    }

    fn cells(&self) -> impl Iterator<Item = &Option<u64>> {
        let pairs = self.pairs.iter().map(|pair| &pair.overlap);
        [&self.overlaps].into_iter().chain(&self.by_holder_count.0).chain(pairs)
    }

    /// Whether the report's readers can explain the pairs that are shown by tokens of two holders alone, whatever the
    /// small ones are. It takes only what the readers see, so the answer tells them nothing.
    fn has_room_around_small_pairs(&self, min_result: u64) -> bool {
        let mut left: BTreeMap<&Name, u64> = self.members.iter().map(|one| (&one.name, one.unique)).collect();
        let mut largest = 0;
        for pair in &self.pairs {
            let Some(overlap) = pair.overlap else { return false };
            let most = if overlap == 0 { 0 } else { overlap.max(min_result - 1) };
            largest = largest.max(most);
            for name in [&pair.a, &pair.b] {
                let Some(left) = left.get_mut(name) else { return false };
                let Some(rest) = left.checked_sub(most) else { return false };
                *left = rest;
            }
        }
        let over: u128 = left.values().map(|left| u128::from(*left)).sum();
        over >= u128::from(min_result) && largest.saturating_sub(min_result - 1) >= min_result
    }
}
