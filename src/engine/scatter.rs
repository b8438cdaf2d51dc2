//! Puts items in order of a few of their bits, within a core's cache.

/// Memory that is used again and again.
pub(crate) struct Scatter<T> {
    items: Vec<T>,
    ends: Vec<u32>,
}

/// Items in order of slot; items of one slot are in the order in which they came.
pub(crate) struct Scattered<'a, T> {
    pub(crate) items: &'a mut [T],
    /// The place where each slot ends.
    pub(crate) ends: &'a [u32],
    /// Number of items in the fullest slot.
    pub(crate) fullest: u32,
}

impl<T: Copy> Scatter<T> {
    pub(crate) fn new() -> Self {
        Self { items: Vec::new(), ends: Vec::new() }
    }

    /// Puts items, fewer than 2³² of them, in order of their slots. Each slot is below `slots`.
    pub(crate) fn by_slot(
        &mut self,
        items: &[T],
        slots: usize,
        slot: impl Fn(&T) -> usize,
    ) -> Scattered<'_, T> {
        self.ends.clear();
        self.ends.resize(slots, 0);
        let ends = &mut self.ends[..];
        items.iter().for_each(|item| ends[slot(item)] += 1);
        let (mut start, mut fullest) = (0, 0);
        for end in ends.iter_mut() {
            fullest = fullest.max(*end);
            start += std::mem::replace(end, start);
        }
        if let (true, Some(any)) = (self.items.len() < items.len(), items.first()) {
            self.items.resize(items.len(), *any);
        }
        let scattered = &mut self.items[..items.len()];
        for item in items {
            let place = &mut ends[slot(item)];
            scattered[*place as usize] = *item;
            *place += 1;
        }
        Scattered { items: scattered, ends, fullest }
    }
}
