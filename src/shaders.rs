//! Shaders: the WGSL text of each kernel, composed from the files of `shaders/`.

use crate::coefficients;
use crate::dtype::DType;
use crate::fill::Fill;
use crate::law::Kind;
use crate::structure::StructureKind;
use crate::update::{LEAST_TERM, MOST_TERM, Update, UpdateKind};

macro_rules! shader {
    ($name:literal) => {
        include_str!(concat!("../shaders/", $name, ".wgsl"))
    };
}

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
    fn draws(self) -> bool {
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
        let mut files =
            vec![if self.batched { shader!("four_blocks") } else { shader!("one_block") }, shader!("params")];
        files.push(if self.immediates { shader!("params_immediate") } else { shader!("params_uniform") });
        if self.multiplies() {
            files.push(if self.int64 { shader!("mul_wide_u64") } else { shader!("mul_wide_u32") });
        }
        if self.draws() {
            files.extend([shader!("philox"), shader!("words")]);
        }
        let places = matches!(self.kind, Kind::Listed | Kind::Wave | Kind::Gather);
        if places || self.structure != StructureKind::Dense || self.update != UpdateKind::Fill {
            files.push(shader!("place"));
        }
        match (self.kind, self.dtype.size()) {
            (Kind::Constant, 8) => files.push(shader!("constant_64")),
            (Kind::Constant, _) => files.push(shader!("constant")),
            (Kind::Bits, _) => files.push(shader!("bits")),
            (Kind::Listed, 8) => files.push(shader!("listed_64")),
            (Kind::Listed, _) => files.push(shader!("listed")),
            _ => files.extend(self.float_files()),
        }
        if !matches!(self.structure, StructureKind::Dense | StructureKind::Toeplitz) {
            files.push(shader!("masked"));
        }
        if self.batched {
            files.push(if self.dtype.size() == 2 { shader!("unit_16_batch") } else { shader!("unit_32_batch") });
            files.push(shader!("fill"));
            return files;
        }
        files.push(shader!("quad"));
        files.push(match self.structure {
            StructureKind::Dense => shader!("dense"),
            StructureKind::Diagonal => shader!("diagonal"),
            StructureKind::Blocks => shader!("blocks"),
            StructureKind::OtherRows => shader!("other_rows"),
            StructureKind::Sparse => shader!("sparse"),
            StructureKind::Toeplitz => shader!("toeplitz"),
        });
        files.extend(self.update_files());
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

    /// The files that decide which elements are written, and what they become.
    fn update_files(self) -> Vec<&'static str> {
        match self.update {
            UpdateKind::Fill => vec![shader!("range"), shader!("replace")],
            UpdateKind::Replace => vec![shader!("view"), shader!("replace")],
            UpdateKind::Blend => {
                // What a law without arithmetic has not brought along.
                let brought = self.float_kind();
                let mut files =
                    if brought { Vec::new() } else { [vec![shader!("portable_math")], self.store_files()].concat() };
                if !matches!(self.dtype, DType::F32 | DType::BF16) {
                    files.push(shader!("wide_float"));
                }
                files.push(match self.dtype {
                    DType::F16 => shader!("load_f16"),
                    DType::BF16 => shader!("load_bf16"),
                    DType::F8E4M3 => shader!("load_f8_e4m3"),
                    DType::F8E5M2 => shader!("load_f8_e5m2"),
                    _ => shader!("load_f32"),
                });
                files.extend([shader!("view"), shader!("blend")]);
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
        files
    }

    /// The files that compute f32 numbers and encode them.
    fn float_files(self) -> Vec<&'static str> {
        let mut files = vec![shader!("portable_math")];
        if matches!(self.kind, Kind::Normal | Kind::Wave) {
            files.push(shader!("cos_sin"));
        }
        files.push(match self.kind {
            Kind::Uniform => shader!("uniform"),
            Kind::Normal => shader!("normal"),
            Kind::NormalNative => shader!("normal_native"),
            Kind::Wave => shader!("wave"),
            Kind::Gather => shader!("gather"),
            _ => shader!("quantile"),
        });
        if self.kind == Kind::Quantile {
            files.push(if self.batched { shader!("four_rows") } else { shader!("one_row") });
        }
        files.extend(self.store_files());
        if !matches!(self.kind, Kind::Wave | Kind::Gather) {
            files.push(shader!("sample"));
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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

    #[test]
    fn names_are_unique() {
        let names: Vec<_> = Kernel::all().chain(Kernel::updates()).map(Kernel::name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}
