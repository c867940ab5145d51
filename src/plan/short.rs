//! Short runs of slices: kernels for runs of a length and of lanes that their text knows.

use std::collections::BTreeSet;

/// Elements of the longest: wherever they begin, five are in two blocks at most.
const MOST: u64 = 5;

/// Runs of a few elements, all of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Short {
    /// How many elements a run has.
    pub(super) run: u8,
    /// Whether each lies in one block.
    pub(super) in_block: bool,
    /// Whether each begins at an even lane.
    pub(super) even: bool,
}

impl Short {
    /// Those of `run` elements, the first of which begins at element `first` and the others as many further as some of
    /// the `pitches`, which stand for all their bits: if they are short.
    pub(super) fn of(run: u64, first: u64, pitches: u64) -> Option<Self> {
        let step = 1 << pitches.trailing_zeros().min(2);
        let last = 4 - step + first % step;
        let short = Self { run: run as u8, in_block: last + run <= 4, even: (first | step).is_multiple_of(2) };
        (run <= MOST).then_some(short)
    }

    /// All that there are.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let lanes = [(0, 4), (1, 4), (2, 4), (3, 4), (0, 2), (1, 2), (0, 1)];
        let all = (1..=MOST).flat_map(|run| lanes.map(|(first, pitches)| Self::of(run, first, pitches)));
        all.flatten().collect::<BTreeSet<_>>().into_iter()
    }

    /// Whether there are no longer ones.
    pub(super) fn is_longest(self) -> bool {
        u64::from(self.run) == MOST
    }

    /// What it adds to a kernel's name.
    pub(super) fn name(self) -> String {
        let options = [(self.in_block, "_in_block"), (self.even, "_even")];
        let options: String = options.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        format!("_of_{}{options}", self.run)
    }
}
