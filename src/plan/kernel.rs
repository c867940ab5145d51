//! Shaders: every kernel there is, and its WGSL.

use crate::dtype::DType;
use crate::law::Kind;
use crate::request::fill::Fill;
use crate::request::structure::StructureKind;
use crate::request::update::{Update, UpdateKind};

/// Invocations of a workgroup: as many as every WebGPU device has. Software adapters spend time on each workgroup.
pub const WORKGROUP_SIZE: u32 = 256;

/// Name of the entry point of every kernel.
pub const ENTRY_POINT: &str = "fill";

/// Which kernel: everything that selects WGSL text.
///
/// The last five change no bit of a sample: `shifted` says where elements lie in their blocks, `whole` whether units are
/// shared, `batched` how many blocks an invocation computes at a time, `int64` which multiplication makes the same product,
/// `immediates` where parameters come from.
///
/// ```
/// use weightinit::plan::Kernel;
/// use weightinit::{DType, Kind};
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
    /// Which elements are samples.
    pub structure: StructureKind,
    /// What is done with the samples.
    pub update: UpdateKind,
    /// Whether a centre is added.
    pub centred: bool,
    /// Whether samples are clamped.
    pub bounded: bool,
    /// Whether units of 16 bytes begin inside a block; kernels of structures can do both.
    pub shifted: bool,
    /// Whether the range is whole units of 16 bytes, each of which is then one store.
    pub whole: bool,
    /// Whether four blocks are computed side by side, in a range of whole units: for software adapters.
    pub batched: bool,
    /// Whether products of 64 bits are made by 64-bit integers (`SHADER_INT64`).
    pub int64: bool,
    /// Whether parameters come in the command stream (`IMMEDIATES`) and not in a uniform buffer.
    pub immediates: bool,
}

impl Kernel {
    /// The types that stand for their sizes where elements are patterns of bits.
    const PATTERNS: [DType; 4] = [DType::F8E4M3, DType::BF16, DType::F32, DType::F64];

    /// The simplest kernel of a law and a type.
    pub const fn new(kind: Kind, dtype: DType) -> Self {
        Self {
            kind,
            dtype,
            structure: StructureKind::Dense,
            update: UpdateKind::Fill,
            centred: false,
            bounded: false,
            shifted: false,
            whole: false,
            batched: false,
            int64: false,
            immediates: false,
        }
    }

    /// The kernel of `fill` for units that are not shifted, on a device without 64-bit integers and immediates.
    pub fn of(fill: &Fill) -> Self {
        let sampler = fill.sampler();
        // Patterns of bits have one kernel for each size of element.
        let of_size = |dtype: &DType| dtype.size() == fill.dtype().size();
        let dtype = match sampler.kind {
            Kind::Constant | Kind::Listed => Self::PATTERNS.into_iter().find(of_size).unwrap_or(fill.dtype()),
            _ => fill.dtype(),
        };
        let (centred, bounded) = (sampler.centre != 0.0, sampler.bounds.is_some());
        let kernel = Self { centred, bounded, structure: fill.structure().kind(), ..Self::new(sampler.kind, dtype) };
        Self { shifted: kernel.structure != StructureKind::Dense && kernel.can_shift(), ..kernel }
    }

    /// The kernel of `update`, likewise.
    pub fn of_update(update: &Update) -> Self {
        let kernel = Self::of(update.fill());
        match update.kind() {
            UpdateKind::Blend => Self { update: UpdateKind::Blend, dtype: update.fill().dtype(), ..kernel },
            kind => Self { update: kind, ..kernel },
        }
    }

    /// Every kernel that a fill can ask for, on a device without 64-bit integers and immediates.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_kind = |kind, dtypes: &'static [DType]| dtypes.iter().map(move |&dtype| Self::new(kind, dtype));
        let constants = of_kind(Kind::Constant, &Self::PATTERNS);
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
        let samples = constants.chain(floats).chain([Self::new(Kind::Bits, DType::U32)]);
        // Matrices by themselves, which have no other structure.
        let matrices = of_kind(Kind::Listed, &Self::PATTERNS).chain(of_kind(Kind::Wave, &DType::FLOATS));
        let structured = samples.clone().flat_map(|kernel| {
            let structures = StructureKind::ALL.into_iter().filter(|structure| *structure != StructureKind::Dense);
            structures.map(move |structure| {
                let kernel = Self { structure, ..kernel };
                Self { shifted: kernel.can_shift(), ..kernel }
            })
        });
        let shifts = |kernel: Self| {
            let shifted = kernel.can_shift().then_some(Self { shifted: true, ..kernel });
            [Some(kernel), shifted].into_iter().flatten()
        };
        let wholes = |kernel: Self| {
            let has_whole = kernel.has_whole() && !kernel.shifted;
            let has_batched = has_whole && kernel.has_batched();
            let whole = has_whole.then_some(Self { whole: true, ..kernel });
            let batched = has_batched.then_some(Self { whole: true, batched: true, ..kernel });
            [Some(kernel), whole, batched].into_iter().flatten()
        };
        samples.chain(matrices).flat_map(shifts).flat_map(wholes).chain(structured)
    }

    /// Kernels of updates: for every type, with a law that computes and one that does not. Other laws have no part in what
    /// an update does.
    pub fn updates() -> impl Iterator<Item = Self> {
        let laws = |dtype| {
            let normal = Self { centred: true, ..Self::new(Kind::Normal, dtype) };
            [Self::new(Kind::Constant, dtype), normal, Self { shifted: true, ..normal }]
        };
        DType::FLOATS.into_iter().flat_map(laws).flat_map(|kernel| {
            let replace = match kernel.kind {
                Kind::Constant => Self::PATTERNS.contains(&kernel.dtype),
                _ => true,
            };
            let of = |update, exists: bool| exists.then_some(Self { update, ..kernel });
            let blend = of(UpdateKind::Blend, kernel.dtype != DType::F64);
            [of(UpdateKind::Replace, replace), blend].into_iter().flatten()
        })
    }

    /// Whether it depends on where elements lie in their blocks: not if all are alike, or each is computed by itself.
    pub(crate) fn can_shift(self) -> bool {
        self.kind != Kind::Constant && self.structure != StructureKind::Toeplitz
    }

    /// Whether it has products of 64 bits.
    pub(crate) fn multiplies(self) -> bool {
        self.draws() || self.kind == Kind::Wave
    }

    /// Whether it needs words of the generator.
    pub(crate) fn draws(self) -> bool {
        self.structure == StructureKind::Sparse
            || !matches!(self.kind, Kind::Constant | Kind::Listed | Kind::Wave | Kind::Gather)
    }

    /// Whether the type has a kernel for whole units.
    pub(crate) fn has_whole(self) -> bool {
        matches!(self.dtype.size(), 2 | 4) && self.structure == StructureKind::Dense && self.update == UpdateKind::Fill
    }

    /// Whether it also has one that computes four blocks side by side: if it draws each block's words.
    pub(crate) fn has_batched(self) -> bool {
        self.has_whole() && self.draws()
    }

    /// Elements of a unit, which one invocation makes: 16 bytes, four elements of 64 bits, or four blocks.
    pub(crate) const fn unit(self) -> u64 {
        match self.dtype.size() {
            _ if self.batched => 16,
            8 => 4,
            size => 16 / size,
        }
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
            Kind::Listed => "listed",
            Kind::Wave => "wave",
            Kind::Gather => "gather",
        };
        let options = [
            (self.centred, "_centred"),
            (self.bounded, "_bounded"),
            (self.shifted, "_shifted"),
            (self.whole, "_whole"),
            (self.batched, "_batched"),
            (self.int64, "_int64"),
            (self.immediates, "_immediates"),
        ];
        let update = match self.update {
            UpdateKind::Fill => "",
            UpdateKind::Replace => "_replace",
            UpdateKind::Blend => "_blend",
        };
        let suffix: String = options.iter().filter(|(set, _)| *set).map(|(_, suffix)| *suffix).collect();
        match self.structure {
            StructureKind::Dense => format!("{kind}_{}{update}{suffix}", self.dtype),
            structure => format!("{}_{kind}_{}{update}{suffix}", structure.name(), self.dtype),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: Vec<_> = Kernel::all().chain(Kernel::updates()).map(Kernel::name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}
