//! The generator's words of many blocks: Philox4x32-10, with what is the same for all of them computed once.

use super::level::{COUNTED, Level};
use super::vectors::Words;
use crate::arithmetic::generator::mul_wide_u64::mul_wide;
use crate::arithmetic::generator::params::Params;
use crate::arithmetic::generator::philox::{PHILOX_M, PHILOX_W};

/// What the blocks have in common whose numbers have the same upper word.
pub(super) struct Generator<L: Level> {
    level: L,
    short: bool,
    /// The number of each block of a unit, counted from its first.
    places: L::Half,
    multipliers: [L::Same; 2],
    /// Words that the first three rounds mix in.
    first: [L::Same; 5],
    /// The keys of the others.
    keys: [[L::Same; 2]; 7],
}

impl<L: Level> Generator<L> {
    #[inline(always)]
    pub(super) fn new(level: L, params: &Params, upper: u32, short: bool) -> Self {
        let key = |lane: usize, round: u32| params.key[lane].wrapping_add(PHILOX_W[lane].wrapping_mul(round));
        // Two words of the first round and one of the second depend on no block.
        let q = mul_wide(PHILOX_M[1], params.stream[0]);
        let p = mul_wide(PHILOX_M[0], q[1] ^ upper ^ key(0, 0));
        let first = [params.stream[1] ^ key(1, 0), q[0] ^ key(0, 1), p[1] ^ key(1, 1), key(0, 2), p[0] ^ key(1, 2)];
        let mut same = [level.same(0); 5];
        for (word, same) in first.into_iter().zip(&mut same) {
            *same = level.same(word);
        }
        let mut keys = [[level.same(0); 2]; 7];
        for (round, keys) in (3..).zip(&mut keys) {
            *keys = [level.same(key(0, round)), level.same(key(1, round))];
        }
        let multipliers = [level.same(PHILOX_M[0]), level.same(PHILOX_M[1])];
        Self { level, short, places: level.half(&COUNTED, short), multipliers, first: same, keys }
    }

    /// The words of some units of blocks, from the one on whose number has this lower word: those of even lanes, and of
    /// odd ones.
    #[inline(always)]
    pub(super) fn words<const UNITS: usize>(&self, block: u32) -> [Words<L, UNITS>; 2] {
        self.words_of(
            #[inline(always)]
            |unit| self.level.add(self.places, self.level.same(block.wrapping_add((unit * L::BLOCKS) as u32))),
        )
    }

    /// Likewise of any blocks, by the lower words of their numbers.
    #[inline(always)]
    pub(super) fn words_at<const UNITS: usize>(&self, blocks: &[u32]) -> [Words<L, UNITS>; 2] {
        self.words_of(
            #[inline(always)]
            |unit| {
                let numbers = blocks[unit * L::BLOCKS..].first_chunk().expect("as many as the largest unit has");
                self.level.half(numbers, self.short)
            },
        )
    }

    /// Likewise of units of blocks by their numbers' lower words.
    #[inline(always)]
    fn words_of<const UNITS: usize>(&self, blocks: impl Fn(usize) -> L::Half + Copy) -> [Words<L, UNITS>; 2] {
        let mut words = [[[self.level.splat_u32s(0); 2]; UNITS]; 2];
        let mut states = [[self.places; 4]; UNITS];
        // All side by side if there are registers for them.
        if L::REGISTER_COUNT >= 32 {
            states = self.states(blocks);
        }
        for unit in 0..UNITS {
            if L::REGISTER_COUNT < 32 {
                [states[unit]] = self.states(
                    #[inline(always)]
                    |_| blocks(unit),
                );
            }
            [words[0][unit], words[1][unit]] = self.level.deal(states[unit]);
        }
        words
    }

    /// The words of some units of blocks, by lanes.
    #[inline(always)]
    fn states<const UNITS: usize>(&self, blocks: impl Fn(usize) -> L::Half) -> [[L::Half; 4]; UNITS] {
        let (l, [a, b, c, d, e]) = (self.level, self.first);
        let mut states = [[self.places; 4]; UNITS];
        for (unit, state) in states.iter_mut().enumerate() {
            let p = l.multiply(blocks(unit), self.multipliers[0]);
            let q = l.multiply(l.xor_same(l.upper(p), a), self.multipliers[1]);
            let (c0, c1, c2) = (l.xor_same(l.upper(q), b), l.lower(q), l.xor_same(l.lower(p), c));
            let (p, q) = (l.multiply(c0, self.multipliers[0]), l.multiply(c2, self.multipliers[1]));
            *state = [l.xor_same(l.xor(l.upper(q), c1), d), l.lower(q), l.xor_same(l.upper(p), e), l.lower(p)];
        }
        for key in &self.keys {
            for state in &mut states {
                let [c0, c1, c2, c3] = *state;
                let (p, q) = (l.multiply(c0, self.multipliers[0]), l.multiply(c2, self.multipliers[1]));
                let (c0, c2) = (l.xor_same(l.xor(l.upper(q), c1), key[0]), l.xor_same(l.xor(l.upper(p), c3), key[1]));
                *state = [c0, l.lower(q), c2, l.lower(p)];
            }
        }
        states
    }
}
