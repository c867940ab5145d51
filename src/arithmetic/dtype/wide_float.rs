//! Mirror of `shaders/dtype/wide_float.wgsl`.

/// The f32 equal to a finite magnitude of a short floating-point format, as bits without the sign.
#[inline]
pub(crate) fn wide_float(magnitude: u32, bias: u32, mantissa: u32) -> u32 {
    let usual = (magnitude << (23 - mantissa)).wrapping_add((127 - bias) << 23);
    let multiple = ((magnitude & ((1 << mantissa) - 1)) as f32).to_bits();
    let small = if multiple == 0 { 0 } else { multiple.wrapping_sub((bias + mantissa - 1) << 23) };
    if magnitude < (1 << mantissa) { small } else { usual }
}

#[cfg(test)]
mod tests {
    use crate::arithmetic::dtype::{load_bf16, load_f8_e4m3, load_f8_e5m2, load_f16};
    use crate::dtype::DType;

    #[test]
    fn every_finite_short_number_is_its_value() {
        type Decode = fn(u32) -> f32;
        let decoders: [Decode; 4] = [load_f16::decode, load_bf16::decode, load_f8_e4m3::decode, load_f8_e5m2::decode];
        for (dtype, decode) in [DType::F16, DType::BF16, DType::F8E4M3, DType::F8E5M2].into_iter().zip(decoders) {
            let sign = 1u64 << (8 * dtype.size() - 1);
            for magnitude in 0..=dtype.bits(dtype.max()) {
                for bits in [magnitude, magnitude | sign] {
                    let (expected, found) = (dtype.value(bits), f64::from(decode(bits as u32)));
                    assert_eq!(found.to_bits(), expected.to_bits(), "{dtype} {bits:#x}");
                }
            }
        }
    }
}
