//! Random choices that numbers repeat, whatever versions of other crates do.

use std::ops::RangeInclusive;

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    state: u64,
}

impl Choices {
    /// The choices that these numbers name: other numbers, other choices.
    pub(crate) fn of(numbers: &[u64]) -> Self {
        let mut choices = Self { state: 0 };
        for number in numbers {
            choices.state ^= number;
            choices.state = choices.word();
        }
        choices
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(end)) >> 64) as u64
    }

    pub(crate) fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// From `low` to `high`.
    pub(crate) fn real(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A power of ten with an exponent from `low` to `high`.
    pub(crate) fn power_of_ten(&mut self, low: f64, high: f64) -> f64 {
        10f64.powf(self.real(low, high))
    }

    /// From 1 to `most`, each magnitude as likely as any other.
    pub(crate) fn size(&mut self, most: u64) -> u64 {
        let size = (most as f64 + 1.0).powf(self.real(0.0, 1.0)) as u64;
        size.clamp(1, most)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> =
            std::iter::repeat_with(|| self.word()).take(count.div_ceil(8)).flat_map(u64::to_le_bytes).collect();
        bytes.truncate(count);
        bytes
    }
}
