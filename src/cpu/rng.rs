//! The generator as a `rand_core` random number generator, so that Rust code can draw from a tensor's own stream.

use std::convert::Infallible;

use rand_core::{SeedableRng, TryRng, utils};

use crate::arithmetic::generator::philox::philox;
use crate::request::stream::Stream;

/// The words of one seed and stream in order: word i is what [`crate::Law::Bits`] gives element i.
///
/// ```
/// use rand_core::{Rng, SeedableRng};
/// use weightinit::cpu::PhiloxRng;
///
/// let mut rng = PhiloxRng::seed_from_u64(0);
/// assert_eq!(rng.next_u32(), 0x6627e8d5);
/// let mut later = PhiloxRng::seed_from_u64(0).at(2);
/// rng.next_u32();
/// assert_eq!(rng.next_u64(), later.next_u64());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhiloxRng {
    key: [u32; 2],
    stream: Stream,
    position: u64,
    block: [u32; 4],
}

impl PhiloxRng {
    /// The generator of `seed` and `stream`, at its first word.
    pub fn new(seed: u64, stream: impl Into<Stream>) -> Self {
        let key = [seed as u32, (seed >> 32) as u32];
        Self { key, stream: stream.into(), position: 0, block: [0; 4] }.at(0)
    }

    /// The same generator at word `position`, in constant time.
    pub fn at(self, position: u64) -> Self {
        let mut moved = Self { position, ..self };
        moved.load();
        moved
    }

    fn load(&mut self) {
        let (block, stream) = (self.position / 4, self.stream.0);
        let counter = [block as u32, (block >> 32) as u32, stream as u32, (stream >> 32) as u32];
        self.block = philox(counter, self.key);
    }
}

impl TryRng for PhiloxRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let word = self.block[(self.position % 4) as usize];
        self.position = self.position.wrapping_add(1);
        if self.position.is_multiple_of(4) {
            self.load();
        }
        Ok(word)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        utils::next_u64_via_u32(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(out, || self.try_next_u32())
    }
}

impl SeedableRng for PhiloxRng {
    type Seed = [u8; 8];

    /// The seed as a little-endian u64, stream 0.
    fn from_seed(seed: Self::Seed) -> Self {
        Self::new(u64::from_le_bytes(seed), 0)
    }

    /// The seed as it is, not mixed: the generator of the sample contract.
    fn seed_from_u64(seed: u64) -> Self {
        Self::new(seed, 0)
    }
}
