//! Shaders: the WGSL text of each kernel, composed from the files of `shaders/`.

use crate::coefficients;
use crate::dtype::DType;
use crate::fill::Fill;
use crate::law::Kind;

/// Invocations of a workgroup: two RDNA or NVIDIA waves, within every device's limits.
pub const WORKGROUP_SIZE: u32 = 64;

/// Name of the entry point of every kernel.
pub const ENTRY_POINT: &str = "fill";

/// Which kernel: everything that selects WGSL text.
///
/// The last four change no bit of a sample: `shifted` says where elements lie in their blocks, `whole` whether units are
/// shared, `int64` which multiplication makes the same product, `immediates` where parameters come from.
///
/// ```
/// use wginit::shaders::Kernel;
/// use wginit::{DType, Kind};
///
/// let kernel = Kernel::new(Kind::Normal, DType::F32);
/// assert_eq!(kernel.name(), "normal_f32");
/// assert!(kernel.source().contains("fn box_muller"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kernel {
    /// The law.
    pub kind: Kind,
    /// Type of the elements.
    pub dtype: DType,
    /// Whether a centre is added.
    pub centred: bool,
    /// Whether samples are clamped.
    pub bounded: bool,
    /// Whether units of 16 bytes begin inside a block.
    pub shifted: bool,
    /// Whether the range is whole units of 16 bytes, each of which is then one store.
    pub whole: bool,
    /// Whether products of 64 bits are made by 64-bit integers (`SHADER_INT64`).
    pub int64: bool,
    /// Whether parameters come in the command stream (`IMMEDIATES`) and not in a uniform buffer.
    pub immediates: bool,
}

impl Kernel {
    /// The types that stand for their sizes in constants' kernels.
    const CONSTANTS: [DType; 4] = [DType::F8E4M3, DType::BF16, DType::F32, DType::F64];

    /// The simplest kernel of a law and a type.
    pub const fn new(kind: Kind, dtype: DType) -> Self {
        Self {
            kind,
            dtype,
            centred: false,
            bounded: false,
            shifted: false,
            whole: false,
            int64: false,
            immediates: false,
        }
    }

    /// The kernel of `fill` for units that are not shifted, on a device without 64-bit integers and immediates.
    pub fn of(fill: &Fill) -> Self {
        let sampler = fill.sampler();
        // A constant is a pattern of bits: one kernel for each size of element.
        let of_size = |dtype: &DType| dtype.size() == fill.dtype().size();
        let dtype = match sampler.kind {
            Kind::Constant => Self::CONSTANTS.into_iter().find(of_size).unwrap_or(fill.dtype()),
            _ => fill.dtype(),
        };
        let (centred, bounded) = (sampler.centre != 0.0, sampler.bounds.is_some());
        Self { centred, bounded, ..Self::new(sampler.kind, dtype) }
    }

    /// Every kernel that a fill can ask for, on a device without 64-bit integers and immediates.
    pub fn all() -> impl Iterator<Item = Self> {
        // A constant has no blocks to be shifted against.
        let constants = Self::CONSTANTS.map(|dtype| Self::new(Kind::Constant, dtype));
        let floats = [Kind::Uniform, Kind::Normal, Kind::NormalNative, Kind::Quantile].into_iter().flat_map(|kind| {
            DType::FLOATS.into_iter().flat_map(move |dtype| {
                [false, true].into_iter().flat_map(move |centred| {
                    let bounds: &[bool] = match kind {
                        Kind::Quantile => &[true],
                        Kind::Uniform if !centred && dtype.sampled() == DType::F32 => &[false, true],
                        Kind::Uniform => &[true],
                        _ => &[false],
                    };
                    bounds.iter().map(move |&bounded| Self { centred, bounded, ..Self::new(kind, dtype) })
                })
            })
        });
        let random = floats.chain([Self::new(Kind::Bits, DType::U32)]);
        let shifts = |kernel: Self| [false, true].map(|shifted| Self { shifted, ..kernel });
        let wholes = |kernel: Self| {
            let has_whole = kernel.has_whole() && !kernel.shifted;
            [Some(kernel), has_whole.then_some(Self { whole: true, ..kernel })].into_iter().flatten()
        };
        constants.into_iter().chain(random.flat_map(shifts)).flat_map(wholes)
    }

    /// Whether the type has a kernel for whole units.
    pub(crate) fn has_whole(self) -> bool {
        matches!(self.dtype.size(), 2 | 4)
    }

    /// A name that no other kernel has, such as `uniform_bf16_bounded`.
    pub fn name(self) -> String {
        let kind = match self.kind {
            Kind::Constant => "constant",
            Kind::Bits => "bits",
            Kind::Uniform => "uniform",
            Kind::Normal => "normal",
            Kind::NormalNative => "normal_native",
            Kind::Quantile => "quantile",
        };
        let options = [
            (self.centred, "_centred"),
            (self.bounded, "_bounded"),
            (self.shifted, "_shifted"),
            (self.whole, "_whole"),
            (self.int64, "_int64"),
            (self.immediates, "_immediates"),
        ];
        let suffix: String = options.iter().filter(|(set, _)| *set).map(|(_, suffix)| *suffix).collect();
        format!("{kind}_{}{suffix}", self.dtype)
    }

    /// The kernel's WGSL.
    pub fn source(self) -> String {
        let options = [("CENTRED", self.centred), ("BOUNDED", self.bounded), ("SHIFTED", self.shifted)];
        let mut source: String = options.iter().map(|(name, set)| format!("const {name} = {set};\n")).collect();
        source += &format!("const WORKGROUP_SIZE = {WORKGROUP_SIZE}u;\n{}\n", coefficients::wgsl());
        for file in self.files() {
            source += file;
            source += "\n";
        }
        source
    }

    /// The files of the kernel in an order in which one reads them: words, samples, elements, destination.
    fn files(self) -> Vec<&'static str> {
        macro_rules! shader {
            ($name:literal) => {
                include_str!(concat!("../shaders/", $name, ".wgsl"))
            };
        }
        let mut files = vec![shader!("params")];
        files.push(if self.immediates { shader!("params_immediate") } else { shader!("params_uniform") });
        if self.kind != Kind::Constant {
            files.push(if self.int64 { shader!("mul_wide_u64") } else { shader!("mul_wide_u32") });
            files.push(shader!("philox"));
        }
        match self.kind {
            Kind::Constant => files.push(shader!("constant")),
            Kind::Bits => files.push(shader!("bits")),
            law => {
                files.push(shader!("portable_math"));
                files.push(match law {
                    Kind::Uniform => shader!("uniform"),
                    Kind::Normal => shader!("normal"),
                    Kind::NormalNative => shader!("normal_native"),
                    _ => shader!("quantile"),
                });
                if matches!(self.dtype, DType::F16 | DType::F8E4M3 | DType::F8E5M2) {
                    files.push(shader!("small_float"));
                }
                files.push(match self.dtype {
                    DType::F32 | DType::U32 => shader!("store_f32"),
                    DType::F16 => shader!("store_f16"),
                    DType::BF16 => shader!("store_bf16"),
                    DType::F64 => shader!("store_f64"),
                    DType::F8E4M3 => shader!("store_f8_e4m3"),
                    DType::F8E5M2 => shader!("store_f8_e5m2"),
                });
                files.push(shader!("sample"));
            }
        }
        if self.kind == Kind::Constant && self.dtype.size() == 8 {
            files.push(shader!("constant_64"));
        }
        files.push(match (self.dtype.size(), self.whole) {
            (1, _) => shader!("unit_8"),
            (2, false) => shader!("unit_16"),
            (2, true) => shader!("unit_16_whole"),
            (4, false) => shader!("unit_32"),
            (4, true) => shader!("unit_32_whole"),
            _ => shader!("unit_64"),
        });
        files.push(shader!("fill"));
        files
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: Vec<_> = Kernel::all().map(Kernel::name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}
