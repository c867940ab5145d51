//! Mirror of `shaders/law/wave.wgsl`: sine waves over a matrix.

use crate::arithmetic::generator::mul_wide_u64::mul_wide;
use crate::arithmetic::generator::params::Params;
use crate::arithmetic::law::coefficients::EXP2_MINUS_25;
use crate::arithmetic::law::cos_sin::cos_sin;
use crate::arithmetic::matrix::place::{divide, next_place};

/// sin of angle / 2^32 turns.
#[inline]
pub fn sine(angle: u32) -> f32 {
    let rounded = angle.wrapping_add(0x2000_0010);
    let t = (((rounded << 2) ^ 0x8000_0000).cast_signed() >> 7) as f32 * EXP2_MINUS_25;
    let point = cos_sin(t);
    let magnitude = if rounded & 0x4000_0000 != 0 { point[0] } else { point[1] };
    f32::from_bits(magnitude.to_bits() ^ (rounded & 0x8000_0000))
}

#[inline]
fn wave_element(params: &Params, waves: &[[u32; 4]], place: [u32; 2], encode: impl Fn(f32) -> u32) -> u32 {
    let [row, column] = place;
    let (wave, position) = if params.structure[0] != 0 { (row, column) } else { (column, row) };
    // A block may reach past the tensor's last row, where no element is kept. WGSL reads inside its arrays as well.
    let wave = waves[(wave as usize).min(waves.len() - 1)];
    let turns = mul_wide(wave[0], position)[1].wrapping_add(wave[1].wrapping_mul(position));
    encode(f32::from_bits(wave[3]) * sine(turns.wrapping_add(wave[2])))
}

/// The bits of a block's four elements.
#[inline]
pub(crate) fn block_elements(
    params: &Params,
    waves: &[[u32; 4]],
    encode: impl Fn(f32) -> u32,
    block: [u32; 2],
) -> [u32; 4] {
    let mut place = divide([block[0] << 2, (block[1] << 2) | (block[0] >> 30)], params.columns);
    [(); 4].map(|()| {
        let bits = wave_element(params, waves, place, &encode);
        place = next_place(params, place);
        bits
    })
}
