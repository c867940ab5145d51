//! Elements in batches of blocks, stage by stage, for any processor. Every stage is a plain loop over the mirrors' own
//! functions, which the compiler turns into the vector instructions that it is told of.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::generator::words;
use crate::arithmetic::law::{
    bits, constant, constant_64, gather, listed, listed_64, normal, normal_native, portable_math, quantile, sample,
    symmetric_quantile, wave,
};
use crate::cpu::compose::encode;
use crate::dtype::by_type;
use crate::plan::{Kernel, Kind};

/// Blocks that are computed together: several of the widest vectors, few enough to stay in the first-level cache.
pub(super) const BLOCKS: usize = 64;

/// A number for each lane of each block.
pub(super) type Batch<T> = [[T; BLOCKS]; 4];

/// Zeros.
pub(super) fn empty<T: Copy + Default>() -> Batch<T> {
    [[T::default(); BLOCKS]; 4]
}

/// Which blocks make a batch.
pub(super) trait Blocks: Copy {
    /// How many there are.
    fn count(&self) -> usize;

    /// The number of one of them, low and high word, or of any block beyond the last.
    fn number(&self, index: usize) -> [u32; 2];
}

/// One after the other: the first, and how many.
impl Blocks for (u64, usize) {
    #[inline(always)]
    fn count(&self) -> usize {
        self.1
    }

    #[inline(always)]
    fn number(&self, index: usize) -> [u32; 2] {
        let (low, high) = (self.0 as u32, (self.0 >> 32) as u32);
        let block = low.wrapping_add(index as u32);
        [block, high.wrapping_add(u32::from(block < low))]
    }
}

/// Each by its number, and how many of these are blocks.
impl Blocks for (&[[u32; 2]; BLOCKS], usize) {
    #[inline(always)]
    fn count(&self) -> usize {
        self.1
    }

    #[inline(always)]
    fn number(&self, index: usize) -> [u32; 2] {
        self.0[index]
    }
}

/// Bits of the elements of some blocks.
#[inline(always)]
pub(super) fn elements(kernel: Kernel, params: &Params, table: &[u32], blocks: impl Blocks, bits: &mut Batch<u32>) {
    match kernel.kind() {
        Kind::Uniform | Kind::Normal | Kind::NormalNative | Kind::Quantile | Kind::SymmetricQuantile => {
            // All blocks, also those that nobody takes: a count that is known spares the ends of loops.
            let mut words = empty();
            each(blocks, BLOCKS, &mut words, |block| words::block_words(params, block));
            let mut standard = empty();
            standardize(kernel.kind(), params, table, &words, &mut standard);
            samples(kernel, params, &standard, bits);
        }
        Kind::Bits => each(blocks, blocks.count(), bits, |block| bits::block_elements(params, block)),
        _ => placed(kernel, params, table, blocks, bits),
    }
}

/// Likewise of kinds that draw no words.
#[inline(always)]
pub(super) fn placed(kernel: Kernel, params: &Params, table: &[u32], blocks: impl Blocks, bits: &mut Batch<u32>) {
    let count = blocks.count();
    match kernel.kind() {
        Kind::Constant if kernel.dtype().size() == 8 => each(blocks, count, bits, constant_64::block_elements),
        Kind::Constant => each(blocks, count, bits, |block| constant::block_elements(params, block)),
        Kind::Listed if kernel.dtype().size() == 8 => {
            each(blocks, count, bits, |block| listed_64::block_elements(params, block));
        }
        Kind::Listed => each(blocks, count, bits, |block| listed::block_elements(params, table, block)),
        Kind::Wave => {
            let encode = encode(kernel.dtype());
            each(blocks, count, bits, |block| wave::block_elements(params, bytemuck::cast_slice(table), encode, block));
        }
        Kind::Gather => {
            let encode = encode(kernel.dtype());
            each(blocks, count, bits, |block| {
                gather::block_elements(params, bytemuck::cast_slice(table), encode, block)
            });
        }
        kind => unreachable!("{kind:?} draws words"),
    }
}

/// Block by block.
#[inline(always)]
fn each(blocks: impl Blocks, count: usize, bits: &mut Batch<u32>, block_elements: impl Fn([u32; 2]) -> [u32; 4]) {
    for i in 0..count {
        let elements = block_elements(blocks.number(i));
        for (lane, element) in bits.iter_mut().zip(elements) {
            lane[i] = element;
        }
    }
}

/// Standard samples from words.
#[inline(always)]
fn standardize(kind: Kind, params: &Params, table: &[u32], words: &Batch<u32>, standard: &mut Batch<f32>) {
    match kind {
        Kind::Normal => normals(words, standard),
        Kind::NormalNative => native_normals(words, standard),
        Kind::Quantile => quantiles(bytemuck::cast_slice(table), params.segment_bits, words, standard),
        Kind::SymmetricQuantile => {
            let (table, middle) = (bytemuck::cast_slice(table), f32::from_bits(params.pattern));
            each_sample(words, standard, |word| symmetric_quantile::symmetric_quantile(table, middle, word));
        }
        _ => each_sample(words, standard, portable_math::odd_integer),
    }
}

/// Word by word.
#[inline(always)]
fn each_sample(words: &Batch<u32>, standard: &mut Batch<f32>, sample: impl Fn(u32) -> f32) {
    for (words, standard) in words.iter().zip(standard) {
        for i in 0..BLOCKS {
            standard[i] = sample(words[i]);
        }
    }
}

/// Pair of lanes by pair of lanes.
#[inline(always)]
fn native_normals(words: &Batch<u32>, standard: &mut Batch<f32>) {
    for pair in [0, 2] {
        for i in 0..BLOCKS {
            let [even, odd] = normal_native::box_muller(words[pair][i], words[pair + 1][i]);
            (standard[pair][i], standard[pair + 1][i]) = (even, odd);
        }
    }
}

/// Pair of lanes by pair of lanes, as [`normal::box_muller`], but step by step: each step waits for the one before it,
/// and processors look only so far ahead for other work.
#[inline(always)]
fn normals(words: &Batch<u32>, standard: &mut Batch<f32>) {
    let (mut squares, mut radii, mut points) = ([0.0; BLOCKS], [0.0; BLOCKS], [[0.0; BLOCKS]; 2]);
    for pair in [0, 2] {
        let (radius_words, angle_words) = (&words[pair], &words[pair + 1]);
        for i in 0..BLOCKS {
            squares[i] = normal::minus_two_log(radius_words[i]);
        }
        for i in 0..BLOCKS {
            radii[i] = normal::square_root(squares[i]);
        }
        for i in 0..BLOCKS {
            [points[0][i], points[1][i]] = normal::direction(angle_words[i]);
        }
        for i in 0..BLOCKS {
            let point = [points[0][i], points[1][i]];
            [standard[pair][i], standard[pair + 1][i]] = normal::turned(radii[i], point, angle_words[i]);
        }
    }
}

/// The table is looked up in a loop of its own: gathering is slower than loading rows one by one.
#[inline(always)]
fn quantiles(table: &[[f32; 4]], bits: u32, words: &Batch<u32>, standard: &mut Batch<f32>) {
    let (mut rows, mut positions) = ([0; BLOCKS], [0.0; BLOCKS]);
    let mut cubics = [[0.0; 4]; BLOCKS];
    for (words, standard) in words.iter().zip(standard) {
        for i in 0..BLOCKS {
            (rows[i], positions[i]) = quantile::segment(bits, words[i]);
        }
        for i in 0..BLOCKS {
            cubics[i] = table[rows[i] as usize];
        }
        for i in 0..BLOCKS {
            standard[i] = quantile::cubic(cubics[i], positions[i]);
        }
    }
}

/// Elements from standard samples.
#[inline(always)]
fn samples(kernel: Kernel, params: &Params, standard: &Batch<f32>, bits: &mut Batch<u32>) {
    let options = kernel.options();
    by_type!(kernel.dtype(), |store, _load| {
        for (standard, bits) in standard.iter().zip(bits) {
            for i in 0..BLOCKS {
                bits[i] = sample::sample(options, params, store::encode, standard[i]);
            }
        }
    });
}
