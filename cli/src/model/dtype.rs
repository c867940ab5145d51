//! Element types of files: which of them hold random numbers, and their names in shapes files.

use anyhow::{Result, bail};
use safetensors::Dtype;
use weightinit::DType;

/// Names that shapes files and specs use (those of PyTorch and of this project), beside safetensors' own.
const NAMES: [(&str, Dtype); 21] = [
    ("float32", Dtype::F32),
    ("f32", Dtype::F32),
    ("float16", Dtype::F16),
    ("f16", Dtype::F16),
    ("bfloat16", Dtype::BF16),
    ("bf16", Dtype::BF16),
    ("float64", Dtype::F64),
    ("f64", Dtype::F64),
    ("float8_e4m3fn", Dtype::F8_E4M3),
    ("f8_e4m3", Dtype::F8_E4M3),
    ("float8_e5m2", Dtype::F8_E5M2),
    ("f8_e5m2", Dtype::F8_E5M2),
    ("int64", Dtype::I64),
    ("int32", Dtype::I32),
    ("int16", Dtype::I16),
    ("int8", Dtype::I8),
    ("uint64", Dtype::U64),
    ("uint32", Dtype::U32),
    ("uint16", Dtype::U16),
    ("uint8", Dtype::U8),
    ("bool", Dtype::BOOL),
];

/// The type called `name`, in a shapes file's or in safetensors' spelling.
pub(crate) fn parse(name: &str) -> Result<Dtype> {
    let known = NAMES.iter().find(|(known, _)| *known == name).map(|(_, dtype)| *dtype);
    match known.or_else(|| serde_json::from_value(name.into()).ok()) {
        Some(dtype) => Ok(dtype),
        None => bail!("unknown dtype '{name}'; expected one of: {}", NAMES.map(|(name, _)| name).join(", ")),
    }
}

/// The type that the library writes for a floating-point type, if it can.
pub(crate) fn sampled(dtype: Dtype) -> Option<DType> {
    match dtype {
        Dtype::F32 => Some(DType::F32),
        Dtype::F16 => Some(DType::F16),
        Dtype::BF16 => Some(DType::BF16),
        Dtype::F64 => Some(DType::F64),
        Dtype::F8_E4M3 => Some(DType::F8E4M3),
        Dtype::F8_E5M2 => Some(DType::F8E5M2),
        _ => None,
    }
}

/// The file's type for a type that the library writes.
pub(crate) fn stored(dtype: DType) -> Dtype {
    match dtype {
        DType::F32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::F64 => Dtype::F64,
        DType::F8E4M3 => Dtype::F8_E4M3,
        DType::F8E5M2 => Dtype::F8_E5M2,
        DType::U32 => Dtype::U32,
    }
}

/// Whether elements are integers (or booleans), which are counted and not drawn.
pub(crate) fn is_integer(dtype: Dtype) -> bool {
    use Dtype::{BOOL, I8, I16, I32, I64, U8, U16, U32, U64};
    matches!(dtype, BOOL | I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
}

/// Bytes of one element.
pub(crate) fn size(dtype: Dtype) -> u64 {
    dtype.bitsize() as u64 / 8
}

/// The little-endian bytes of an integer of `dtype`, if it can hold `value`.
pub(crate) fn integer_bytes(dtype: Dtype, value: i64) -> Option<Vec<u8>> {
    let bits = dtype.bitsize() as u32;
    let (low, high) = match dtype {
        Dtype::BOOL => (0, 1),
        Dtype::U8 | Dtype::U16 | Dtype::U32 => (0, (1i64 << bits) - 1),
        Dtype::U64 => (0, i64::MAX),
        _ => (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits)),
    };
    (low..=high).contains(&value).then(|| value.to_le_bytes()[..bits as usize / 8].to_vec())
}
