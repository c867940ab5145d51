//! The generator's words in the orders in which programs meet them.

use std::io::{self, Write};
use std::str::FromStr;

use weightinit::arithmetic::generator::mul_wide_u64::mul_wide;
use weightinit::arithmetic::generator::philox::philox;

/// Blocks of four words that are computed at once, and the number of streams that are taken in turn.
const BLOCKS: u64 = 1024;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// The words of one tensor in the order of its elements.
    Sequential,
    /// Word i of streams 0, 1, … 1023, then word i + 1 of each.
    Streams,
    /// The first 4 words of seed 0, of seed 1, …, as if each filled a tensor of 4 elements.
    Seeds,
}

impl FromStr for Order {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "sequential" => Ok(Self::Sequential),
            "streams" => Ok(Self::Streams),
            "seeds" => Ok(Self::Seeds),
            other => Err(format!("no order {other}: sequential, streams or seeds")),
        }
    }
}

pub(crate) struct Words {
    pub(crate) order: Order,
    /// Each word with its lowest bit first.
    pub(crate) reverse_bits: bool,
    /// The seed, of [`Order::Seeds`] the first one.
    pub(crate) seed: u64,
    /// Instead of the library's generator a copy with so many rounds.
    pub(crate) rounds: Option<u32>,
}

impl Words {
    /// Writes words, little endian, until `out` takes no more.
    pub(crate) fn write(&self, mut out: impl Write) -> io::Result<()> {
        for batch in 0..u64::MAX / BLOCKS {
            let words = self.batch(batch).into_iter();
            let bytes: Vec<_> = words
                .map(|word| if self.reverse_bits { word.reverse_bits() } else { word })
                .flat_map(u32::to_le_bytes)
                .collect();
            out.write_all(&bytes)?;
        }
        out.flush()
    }

    fn batch(&self, batch: u64) -> Vec<u32> {
        let blocks: Vec<_> = (0..BLOCKS).map(|item| self.block(batch, item)).collect();
        match self.order {
            Order::Sequential | Order::Seeds => blocks.concat(),
            Order::Streams => (0..4).flat_map(|lane| blocks.iter().map(move |block| block[lane])).collect(),
        }
    }

    fn block(&self, batch: u64, item: u64) -> [u32; 4] {
        let count = batch * BLOCKS + item;
        let (seed, stream, block) = match self.order {
            Order::Sequential => (self.seed, 0, count),
            Order::Streams => (self.seed, item, batch),
            Order::Seeds => (self.seed.wrapping_add(count), 0, 0),
        };
        let halves = |x: u64| [x as u32, (x >> 32) as u32];
        let ([a, b], [c, d]) = (halves(block), halves(stream));
        match self.rounds {
            None => philox([a, b, c, d], halves(seed)),
            Some(rounds) => short_philox(rounds, [a, b, c, d], halves(seed)),
        }
    }
}

/// Philox4x32 of any number of rounds.
pub(crate) fn short_philox(rounds: u32, counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    (0..rounds).fold(counter, |[a, b, c, d], round| {
        let weyl = [0x9E37_79B9u32, 0xBB67_AE85].map(|step| step.wrapping_mul(round));
        let (p, q) = (mul_wide(0xD251_1F53, a), mul_wide(0xCD9E_8D57, c));
        [q[1] ^ b ^ key[0].wrapping_add(weyl[0]), q[0], p[1] ^ d ^ key[1].wrapping_add(weyl[1]), p[0]]
    })
}
