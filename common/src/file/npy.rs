//! The header of a .npy file, version 1.0 (`numpy/lib/format.py`).

use anyhow::{Result, bail, ensure};
use weightinit::DType;

use crate::file::ALIGNMENT;

/// NumPy's own limit.
const MOST_DIMENSIONS: usize = 64;

/// The bytes before the data, padded so that the data are aligned to [`ALIGNMENT`].
pub fn header(dtype: DType, shape: &[u64]) -> Result<Vec<u8>> {
    let descr = match dtype {
        DType::F32 => "<f4",
        DType::F16 => "<f2",
        DType::U32 => "<u4",
        DType::F64 => "<f8",
        _ => {
            bail!("NumPy has no {dtype}; write .safetensors or raw bytes (-), or take another dtype")
        }
    };
    ensure!(
        shape.len() <= MOST_DIMENSIONS,
        "NumPy has at most {MOST_DIMENSIONS} dimensions, not {}; write .safetensors or raw bytes (-)",
        shape.len()
    );
    let dimensions: String = shape.iter().map(|d| format!("{d},")).collect();
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dimensions}), }}");
    let unpadded = 10 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(ALIGNMENT) - unpadded));
    text.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    // Far below 64 KiB with so few dimensions.
    header.extend_from_slice(&(text.len() as u16).to_le_bytes());
    header.extend_from_slice(text.as_bytes());
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_aligned() {
        let header = header(DType::F32, &[64, 48]).unwrap();
        assert_eq!(header.len() % 64, 0);
        assert!(
            header
                .starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (64,48,), }")
        );
        assert!(header.ends_with(b" \n"));
    }
}
