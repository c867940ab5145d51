//! Elements of a file as numbers: floats exactly, integers of 64 bits to the nearest f64.

use std::io::Read;

use anyhow::Result;
use safetensors::Dtype;
use safetensors::tensor::TensorInfo;

use crate::model::dtype;

/// Whether elements of `dtype` are read as numbers.
pub(crate) fn is_number(dtype: Dtype) -> bool {
    dtype::sampled(dtype).is_some() || dtype::is_integer(dtype)
}

/// Puts the elements that `bytes` holds into `values`; none of types that are no numbers here.
pub(crate) fn read(dtype: Dtype, bytes: &[u8], values: &mut Vec<f64>) {
    values.clear();
    macro_rules! each {
        ($type:ty, $value:expr) => {
            values.extend(bytes.as_chunks().0.iter().map(|element| $value(<$type>::from_le_bytes(*element))))
        };
    }
    match dtype {
        Dtype::F32 => each!(f32, f64::from),
        Dtype::F64 => each!(f64, f64::from),
        Dtype::I8 => each!(i8, f64::from),
        Dtype::I16 => each!(i16, f64::from),
        Dtype::I32 => each!(i32, f64::from),
        Dtype::I64 => each!(i64, |x| x as f64),
        Dtype::U8 | Dtype::BOOL => each!(u8, f64::from),
        Dtype::U16 => each!(u16, f64::from),
        Dtype::U32 => each!(u32, f64::from),
        Dtype::U64 => each!(u64, |x| x as f64),
        _ => {
            if let Some(dtype) = dtype::sampled(dtype) {
                values.extend(weightinit::cpu::elements(dtype, bytes).map(|bits| dtype.value(bits)));
            }
        }
    }
}

/// Bytes read at a time: memory does not grow with the file.
const CHUNK: u64 = 1 << 20;

/// Gives all elements of the tensor whose bytes `reader` has to `take`, some at a time.
pub(crate) fn read_chunks(
    mut reader: impl Read,
    info: &TensorInfo,
    mut take: impl FnMut(&mut Vec<f64>) -> Result<()>,
) -> Result<()> {
    let mut left = (info.data_offsets.1 - info.data_offsets.0) as u64;
    let (mut bytes, mut values) = (Vec::new(), Vec::new());
    while left > 0 {
        bytes.resize(left.min(CHUNK) as usize, 0);
        reader.read_exact(&mut bytes)?;
        left -= bytes.len() as u64;
        read(info.dtype, &bytes, &mut values);
        take(&mut values)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read() {
        let cases: [(Dtype, &[u8], f64); 14] = [
            (Dtype::F32, &[0, 0, 0x20, 0xc0], -2.5),
            (Dtype::F64, &[0, 0, 0, 0, 0, 0, 0x04, 0xc0], -2.5),
            (Dtype::F16, &[0x00, 0xc1], -2.5),
            (Dtype::BF16, &[0x20, 0xc0], -2.5),
            (Dtype::F8_E4M3, &[0xc2], -2.5),
            (Dtype::F8_E5M2, &[0xc1], -2.5),
            (Dtype::I8, &[0xfe], -2.0),
            (Dtype::I16, &[0xfe, 0xff], -2.0),
            (Dtype::I32, &[0xfe, 0xff, 0xff, 0xff], -2.0),
            (Dtype::I64, &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2.0),
            (Dtype::U16, &[0xfe, 0xff], 65534.0),
            (Dtype::U32, &[0xfe, 0xff, 0xff, 0xff], 4294967294.0),
            (Dtype::U64, &[2, 0, 0, 0, 0, 0, 0, 0], 2.0),
            (Dtype::BOOL, &[1], 1.0),
        ];
        let mut values = Vec::new();
        for (dtype, bytes, value) in cases {
            assert!(is_number(dtype));
            read(dtype, &bytes.repeat(2), &mut values);
            assert_eq!(values, [value; 2], "{dtype:?}");
        }
        read(Dtype::C64, &[0; 8], &mut values);
        assert!(values.is_empty() && !is_number(Dtype::C64));
    }
}
