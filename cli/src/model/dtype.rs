//! Element types of files: which of them hold random numbers, and their names in shapes files.

use anyhow::{Result, bail};
use safetensors::Dtype;
use weightinit::DType;

use crate::args::float_types;

pub(crate) use weightinit_common::file::safetensors::stored;

/// Names of integers that shapes files and specs use, beside safetensors' own.
const INTEGERS: [(&str, Dtype); 9] = [
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

/// The type called `name`, in any framework's, a shapes file's or safetensors' spelling.
pub(crate) fn parse(name: &str) -> Result<Dtype> {
    let bare = name.strip_prefix("torch.").unwrap_or(name);
    let integer = INTEGERS.iter().find(|(known, _)| *known == bare).map(|(_, dtype)| *dtype);
    let float = || name.parse().ok().map(stored);
    match integer.or_else(float).or_else(|| serde_json::from_value(name.into()).ok()) {
        Some(dtype) => Ok(dtype),
        None => {
            let integers: Vec<_> = INTEGERS.iter().map(|(name, _)| *name).collect();
            bail!("unknown dtype '{name}'; expected one of: {}, {}", float_types(), integers.join(", "))
        }
    }
}

/// The type that the library writes for a floating-point type, if it can.
pub(crate) fn sampled(dtype: Dtype) -> Option<DType> {
    DType::FLOATS.into_iter().find(|known| stored(*known) == dtype)
}

/// What PyTorch calls the type, as configurations have it.
pub(crate) fn torch_name(dtype: DType) -> String {
    match dtype {
        DType::F8E4M3 => "float8_e4m3fn".to_owned(),
        DType::F8E5M2 => "float8_e5m2".to_owned(),
        DType::BF16 => "bfloat16".to_owned(),
        other => format!("float{}", 8 * other.size()),
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
pub(crate) fn integer_bytes(dtype: Dtype, value: i128) -> Option<Vec<u8>> {
    let bits = dtype.bitsize() as u32;
    let (low, high) = match dtype {
        Dtype::BOOL => (0, 1),
        Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64 => (0, (1i128 << bits) - 1),
        _ => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
    };
    (low..=high).contains(&value).then(|| value.to_le_bytes()[..bits as usize / 8].to_vec())
}

#[cfg(test)]
mod tests {
    use super::{DType, sampled, stored};

    /// A type that the library has and safetensors has not would be written as another.
    #[test]
    fn every_floating_point_type_has_its_own_in_files() {
        assert!(DType::FLOATS.into_iter().all(|dtype| sampled(stored(dtype)) == Some(dtype)));
    }
}
