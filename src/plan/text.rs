//! The WGSL text of each kernel, composed from the files of `shaders/`.

use crate::arithmetic::law::coefficients;
use crate::dtype::DType;
use crate::law::Kind;
use crate::plan::kernel::{Kernel, WORKGROUP_SIZE};
use crate::request::structure::StructureKind;
use crate::request::update::{LEAST_TERM, MOST_TERM, UpdateKind};

macro_rules! shader {
    ($name:literal) => {
        include_str!(concat!("../../shaders/", $name, ".wgsl"))
    };
}

impl Kernel {
    /// The kernel's WGSL.
    pub fn source(self) -> String {
        let options = [
            ("CENTRED", self.centred),
            ("BOUNDED", self.bounded),
            ("SHIFTED", self.shifted),
            ("UPDATES", self.update != UpdateKind::Fill),
        ];
        let mut source: String = options.iter().map(|(name, set)| format!("const {name} = {set};\n")).collect();
        source += &format!("const WORKGROUP_SIZE = {WORKGROUP_SIZE}u;\n{}\n", coefficients::wgsl());
        if self.int64 {
            // Not in a file: where there are none, nothing may name them.
            source += if self.batched { "alias Wide = vec4<u64>;\n" } else { "alias Wide = u64;\n" };
        }
        if self.update == UpdateKind::Blend {
            let (magnitude, largest) = (self.dtype.magnitude_bits(), self.dtype.largest_bits());
            source += &format!("const MAGNITUDE = {magnitude:#x}u;\nconst LARGEST_BITS = {largest:#x}u;\n");
            // In the digits of f64: of the largest f32 the shorter ones are larger than itself, which Tint refuses.
            let numbers =
                [("LARGEST", self.dtype.max()), ("LEAST_TERM", LEAST_TERM.into()), ("MOST_TERM", MOST_TERM.into())];
            source.extend(numbers.map(|(name, value)| format!("const {name} = {value:e}f;\n")));
        }
        for file in self.files() {
            source += file;
            source += "\n";
        }
        source
    }

    /// The files of the kernel in an order in which one reads them: words, samples, elements, destination.
    fn files(self) -> Vec<&'static str> {
        let mut files = vec![
            if self.batched { shader!("generator/four_blocks") } else { shader!("generator/one_block") },
            shader!("generator/params"),
        ];
        files.push(if self.immediates {
            shader!("generator/params_immediate")
        } else {
            shader!("generator/params_uniform")
        });
        if self.multiplies() {
            files.push(if self.int64 { shader!("generator/mul_wide_u64") } else { shader!("generator/mul_wide_u32") });
        }
        if self.draws() {
            files.extend([shader!("generator/philox"), shader!("generator/words")]);
        }
        let places = matches!(self.kind, Kind::Listed | Kind::Wave | Kind::Gather);
        if places || self.structure != StructureKind::Dense || self.update != UpdateKind::Fill {
            files.push(shader!("matrix/place"));
        }
        match (self.kind, self.dtype.size()) {
            (Kind::Constant, 8) => files.push(shader!("law/constant_64")),
            (Kind::Constant, _) => files.push(shader!("law/constant")),
            (Kind::Bits, _) => files.push(shader!("law/bits")),
            (Kind::Listed, 8) => files.push(shader!("law/listed_64")),
            (Kind::Listed, _) => files.push(shader!("law/listed")),
            _ => files.extend(self.float_files()),
        }
        if !matches!(self.structure, StructureKind::Dense | StructureKind::Toeplitz) {
            files.push(shader!("matrix/masked"));
        }
        // Batches are written as they are made.
        if !self.batched {
            files.push(shader!("unit/quad"));
            files.push(match self.structure {
                StructureKind::Dense => shader!("matrix/dense"),
                StructureKind::Diagonal => shader!("matrix/diagonal"),
                StructureKind::Blocks => shader!("matrix/blocks"),
                StructureKind::OtherRows => shader!("matrix/other_rows"),
                StructureKind::Sparse => shader!("matrix/sparse"),
                StructureKind::Toeplitz => shader!("matrix/toeplitz"),
            });
            files.extend(self.update_files());
        }
        files.push(match (self.dtype.size(), self.whole) {
            (2, _) if self.batched => shader!("unit/unit_16_batch"),
            (_, _) if self.batched => shader!("unit/unit_32_batch"),
            (1, _) => shader!("unit/unit_8"),
            (2, false) => shader!("unit/unit_16"),
            (2, true) => shader!("unit/unit_16_whole"),
            (4, false) => shader!("unit/unit_32"),
            (4, true) => shader!("unit/unit_32_whole"),
            _ => shader!("unit/unit_64"),
        });
        files.push(shader!("unit/fill"));
        files
    }

    /// The files that decide which elements are written, and what they become.
    fn update_files(self) -> Vec<&'static str> {
        match self.update {
            UpdateKind::Fill => vec![shader!("update/range"), shader!("update/replace")],
            UpdateKind::Replace => vec![shader!("update/view"), shader!("update/replace")],
            UpdateKind::Blend => {
                // What a law without arithmetic has not brought along.
                let brought = self.float_kind();
                let mut files = if brought {
                    Vec::new()
                } else {
                    [vec![shader!("law/portable_math")], self.store_files()].concat()
                };
                if !matches!(self.dtype, DType::F32 | DType::BF16) {
                    files.push(shader!("dtype/wide_float"));
                }
                files.push(match self.dtype {
                    DType::F16 => shader!("dtype/load_f16"),
                    DType::BF16 => shader!("dtype/load_bf16"),
                    DType::F8E4M3 => shader!("dtype/load_f8_e4m3"),
                    DType::F8E5M2 => shader!("dtype/load_f8_e5m2"),
                    _ => shader!("dtype/load_f32"),
                });
                files.extend([shader!("update/view"), shader!("update/blend")]);
                files
            }
        }
    }

    /// Whether samples are f32 numbers that are encoded.
    fn float_kind(self) -> bool {
        !matches!(self.kind, Kind::Constant | Kind::Bits | Kind::Listed)
    }

    /// The files that encode an f32 number.
    fn store_files(self) -> Vec<&'static str> {
        let mut files = Vec::new();
        if matches!(self.dtype, DType::F16 | DType::F8E4M3 | DType::F8E5M2) {
            files.push(shader!("dtype/small_float"));
        }
        files.push(match self.dtype {
            DType::F32 | DType::U32 => shader!("dtype/store_f32"),
            DType::F16 => shader!("dtype/store_f16"),
            DType::BF16 => shader!("dtype/store_bf16"),
            DType::F64 => shader!("dtype/store_f64"),
            DType::F8E4M3 => shader!("dtype/store_f8_e4m3"),
            DType::F8E5M2 => shader!("dtype/store_f8_e5m2"),
        });
        files
    }

    /// The files that compute f32 numbers and encode them.
    fn float_files(self) -> Vec<&'static str> {
        let mut files = vec![shader!("law/portable_math")];
        if matches!(self.kind, Kind::Normal | Kind::Wave) {
            files.push(shader!("law/cos_sin"));
        }
        files.push(match self.kind {
            Kind::Uniform => shader!("law/uniform"),
            Kind::Normal => shader!("law/normal"),
            Kind::NormalNative => shader!("law/normal_native"),
            Kind::Wave => shader!("law/wave"),
            Kind::Gather => shader!("law/gather"),
            _ => shader!("law/quantile"),
        });
        if self.kind == Kind::Quantile {
            files.push(if self.batched { shader!("law/four_rows") } else { shader!("law/one_row") });
        }
        files.extend(self.store_files());
        if !matches!(self.kind, Kind::Wave | Kind::Gather) {
            files.push(shader!("law/sample"));
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tint refuses what is above the largest f32 in the digits that are printed, however it would be rounded.
    #[test]
    #[cfg_attr(miri, ignore = "minutes for all texts")]
    fn printed_numbers_are_within_f32() {
        let mut numbers = 0;
        for kernel in Kernel::all().chain(Kernel::updates()) {
            let source = kernel.source();
            for literal in source.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))) {
                if let Some(Ok(number)) = literal.strip_suffix('f').map(str::parse::<f64>) {
                    assert!(number.abs() <= f64::from(f32::MAX), "{}: {literal}", kernel.name());
                    numbers += 1;
                }
            }
        }
        assert!(numbers > 1000);
    }
}
