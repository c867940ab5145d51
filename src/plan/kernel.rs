//! Kernels: everything that selects WGSL text.

use crate::arithmetic::generator::options::Options;
use crate::dtype::DType;
use crate::law::kind::{Kind, Makes};
use crate::plan::short::Short;
use crate::request::fill::Fill;
use crate::request::structure::StructureKind;
use crate::request::update::{Update, UpdateKind};

/// Invocations of a workgroup: as many as every WebGPU device has. Software adapters spend time on each workgroup.
pub const WORKGROUP_SIZE: u32 = 256;

/// Name of the entry point of every kernel.
pub const ENTRY_POINT: &str = "fill";

/// Which of a tensor's elements lie together in the destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Selection {
    /// Those that lie together in the tensor.
    #[default]
    Range,
    /// Those of a slice whose runs are whole blocks.
    Blocks,
    /// Those of any slice, or, on software adapters, of a range that begins inside a block.
    Runs,
}

/// Which kernel: the law's kind, the type, the structure, what is done with the samples, and in which form.
///
/// The form changes no bit of a sample: where elements lie in their blocks, whether units are shared, how many blocks
/// an invocation computes at a time, which multiplication makes the same product, where parameters come from. Only
/// combinations that there is a text for can be had: from [`Kernel::of`], [`Kernel::all`], [`Kernel::updates`] and
/// [`Kernel::slices`].
///
/// ```
/// use weightinit::plan::Kernel;
/// use weightinit::{DType, Fill, Law};
///
/// let kernel = Kernel::of(&Fill::new(0, Law::normal(0.0, 1.0), DType::F32, 100)?);
/// assert_eq!(kernel.name(), "normal_f32");
/// assert!(kernel.source().contains("fn box_muller"));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kernel {
    pub(super) kind: Kind,
    pub(super) dtype: DType,
    pub(super) structure: StructureKind,
    pub(super) update: UpdateKind,
    pub(super) selection: Selection,
    /// Whether a slice has groups of runs, at other distances than the runs inside of them.
    pub(super) nested: bool,
    /// Short runs of a slice, if it is for such.
    pub(super) short: Option<Short>,
    pub(super) options: Options,
    /// Whether the range is whole units of 16 bytes, each of which is then one store.
    pub(super) whole: bool,
    /// Whether four blocks are computed side by side, in a range of whole units.
    pub(super) batched: bool,
    /// Whether products of 64 bits are made by 64-bit integers.
    pub(super) int64: bool,
    /// Whether parameters come in the command stream and not in a uniform buffer.
    pub(super) immediates: bool,
}

impl Kernel {
    /// The simplest kernel of a kind and a type.
    const fn new(kind: Kind, dtype: DType) -> Self {
        let options = Options { centred: false, bounded: false, shifted: false };
        let (structure, update, selection) = (StructureKind::Dense, UpdateKind::Fill, Selection::Range);
        let [nested, whole, batched, int64, immediates] = [false; 5];
        let short = None;
        Self { kind, dtype, structure, update, selection, nested, short, options, whole, batched, int64, immediates }
    }

    /// The kernel of `fill` for units that are not shifted, on a device without 64-bit integers and immediates.
    pub fn of(fill: &Fill) -> Self {
        let sampler = fill.sampler();
        let kernel = Self::new(sampler.kind, sampler.kind.dtype(fill.dtype()));
        let options =
            Options { centred: sampler.centre != 0.0, bounded: sampler.bounds.is_some(), ..Options::default() };
        Self { options, ..kernel }.structured(fill.structure().kind())
    }

    /// The kernel of `update`, likewise.
    pub fn of_update(update: &Update) -> Self {
        let kernel = Self { update: update.kind(), ..Self::of(update.fill()) };
        match update.kind() {
            // It computes with elements, so that their size does not say enough.
            UpdateKind::Blend => Self { dtype: update.fill().dtype(), ..kernel },
            UpdateKind::Fill | UpdateKind::Replace => kernel,
        }
    }

    /// Every kernel that a fill can ask for, on a device without 64-bit integers and immediates.
    pub fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().flat_map(|kind| kind.dtypes().flat_map(move |dtype| Self::simple(kind, dtype))).flat_map(
            |kernel| {
                // Laws that are matrices by themselves have no other structure.
                let structures = StructureKind::ALL
                    .into_iter()
                    .filter(move |structure| *structure != StructureKind::Dense && !kernel.kind.row().has_places);
                kernel.forms().chain(structures.map(move |structure| kernel.structured(structure)))
            },
        )
    }

    /// Kernels of updates: for every type, with a law that computes and one that does not. Other laws have no part in
    /// what an update does.
    pub fn updates() -> impl Iterator<Item = Self> {
        DType::FLOATS.into_iter().flat_map(|dtype| {
            let centred = Options { centred: true, ..Options::default() };
            let normal = Self { options: centred, ..Self::new(Kind::Normal, dtype) };
            let laws = [Self::new(Kind::Constant, dtype), normal, normal.shift(true)];
            laws.into_iter().flat_map(move |kernel| {
                let of = |update, exists: bool| exists.then_some(Self { update, ..kernel });
                let replace = of(UpdateKind::Replace, kernel.kind.dtype(dtype) == dtype);
                let blend = of(UpdateKind::Blend, Update::computes_with(dtype));
                [replace, blend].into_iter().flatten()
            })
        })
    }

    /// Kernels of slices: for every type, with a law that draws, in a structure that does not, and in an update. Other
    /// laws and structures have no part in where elements come from.
    pub fn slices() -> impl Iterator<Item = Self> {
        let options = Options { centred: true, ..Options::default() };
        let normal = move |dtype| Self { options, ..Self::new(Kind::Normal, dtype) };
        let normals = DType::FLOATS.into_iter().map(normal);
        let forms = |kernel: Self| {
            let forms = [(false, false), (true, false), (true, true), (false, true)];
            forms.map(|(whole, batched)| Self { whole, batched, ..kernel })
        };
        let normals = normals.flat_map(forms);
        let blends = DType::FLOATS.into_iter().filter(|dtype| Update::computes_with(*dtype));
        let blends = blends.map(move |dtype| Self { update: UpdateKind::Blend, ..normal(dtype) });
        let diagonal = |dtype| Self { structure: StructureKind::Diagonal, ..Self::new(Kind::Constant, dtype) };
        let kernels = normals.chain(blends).chain(Kind::Constant.dtypes().map(diagonal));
        let selections = |kernel: Self| {
            let selections = [Selection::Blocks, Selection::Runs].into_iter();
            selections.flat_map(move |selection| [false, true].map(|nested| kernel.selected(selection, nested)))
        };
        // Any runs are batched without being whole, others only if they are.
        let exists = |kernel: &Self| {
            let fits = kernel.whole == (kernel.selection == Selection::Blocks);
            (!kernel.whole || kernel.has_whole()) && (!kernel.batched || fits && kernel.has_batched())
        };
        // Batches of any runs are also for short ones.
        let short = |kernel: Self| {
            let batch = Some(kernel).filter(|kernel| kernel.batched && kernel.selection == Selection::Runs);
            let short = batch.into_iter().flat_map(|kernel| Short::all().map(move |short| (kernel, short)));
            // What groups of runs do otherwise they do whatever the length: the longest stand for all.
            let short = short.filter(|(kernel, short)| !kernel.nested || short.is_longest());
            [kernel].into_iter().chain(short.map(|(kernel, short)| Self { short: Some(short), ..kernel }))
        };
        kernels.flat_map(selections).filter(exists).flat_map(short)
    }

    /// The same for elements that are selected otherwise.
    pub(super) fn selected(self, selection: Selection, nested: bool) -> Self {
        Self { selection, nested, short: None, ..self }.shift(false)
    }

    /// The kernels of a kind and a type that differ in what becomes of a sample.
    fn simple(kind: Kind, dtype: DType) -> impl Iterator<Item = Self> {
        let forms = (kind.row().forms)(dtype).iter();
        forms.map(move |&(centred, bounded)| Self {
            options: Options { centred, bounded, shifted: false },
            ..Self::new(kind, dtype)
        })
    }

    /// This one with units that are shifted, whole, and batched.
    fn forms(self) -> impl Iterator<Item = Self> {
        let whole = Self { whole: true, ..self };
        let forms = [
            (self, true),
            (whole, self.has_whole()),
            (Self { batched: true, ..whole }, self.has_batched()),
            (self.shift(true), self.can_shift()),
        ];
        forms.into_iter().filter(|(_, exists)| *exists).map(|(kernel, _)| kernel)
    }

    /// The same for matrices with a structure; their kernels can be shifted always.
    fn structured(self, structure: StructureKind) -> Self {
        let kernel = Self { structure, ..self };
        kernel.shift(structure != StructureKind::Dense && kernel.can_shift())
    }

    /// The same with units that begin inside a block, or not.
    pub(super) fn shift(self, shifted: bool) -> Self {
        Self { options: Options { shifted, ..self.options }, ..self }
    }

    /// The same for a device with or without 64-bit integers (`SHADER_INT64`) and immediates (`IMMEDIATES`).
    pub fn with_features(self, int64: bool, immediates: bool) -> Self {
        Self { int64: int64 && self.multiplies(), immediates, ..self }
    }

    /// The law's kind.
    pub fn kind(self) -> Kind {
        self.kind
    }

    /// Type of the elements, or one of their size where that is enough.
    pub fn dtype(self) -> DType {
        self.dtype
    }

    /// Which elements are samples.
    pub fn structure(self) -> StructureKind {
        self.structure
    }

    /// What is done with the samples.
    pub fn update(self) -> UpdateKind {
        self.update
    }

    /// Which elements lie together in the destination.
    pub fn selection(self) -> Selection {
        self.selection
    }

    /// Whether a slice has groups of runs, at other distances than the runs inside of them.
    pub fn is_nested(self) -> bool {
        self.nested
    }

    /// Whether it is for a slice's runs of a few elements, of a number that its text knows.
    pub fn is_short(self) -> bool {
        self.short.is_some()
    }

    /// Whether an invocation computes four blocks side by side.
    pub fn is_batched(self) -> bool {
        self.batched
    }

    /// Whether the range is whole units, each of which is one store.
    pub fn is_whole(self) -> bool {
        self.whole
    }

    /// Whether it uses 64-bit integers.
    pub fn has_int64(self) -> bool {
        self.int64
    }

    /// Whether parameters come in the command stream.
    pub fn has_immediates(self) -> bool {
        self.immediates
    }

    /// What its text fixes.
    pub(crate) fn options(self) -> Options {
        self.options
    }

    /// Whether it depends on where elements lie in their blocks: not if all are alike, or each is computed by itself.
    pub(super) fn can_shift(self) -> bool {
        let is_range = self.selection == Selection::Range;
        is_range && self.kind != Kind::Constant && self.structure != StructureKind::Toeplitz
    }

    /// Whether it has products of 64 bits.
    pub(super) fn multiplies(self) -> bool {
        self.draws() || self.kind.row().multiplies
    }

    /// Whether it needs words of the generator.
    pub(super) fn draws(self) -> bool {
        self.structure == StructureKind::Sparse || self.kind.row().draws
    }

    /// Whether samples are numbers that the type encodes.
    pub(super) fn encodes(self) -> bool {
        self.kind.row().makes != Makes::Elements
    }

    /// Elements of a unit, which one invocation makes: 16 bytes, four elements of 64 bits, or four blocks.
    pub(crate) const fn unit(self) -> u64 {
        match self.dtype.size() {
            _ if self.batched => 16,
            8 => 4,
            size => 16 / size,
        }
    }

    /// How many of the units that other kernels have make one of this kernel's.
    pub(crate) const fn units(self) -> u32 {
        (self.unit() / Self { batched: false, ..self }.unit()) as u32
    }

    /// Bytes of the table's elements, if there is a table.
    #[cfg(feature = "gpu")]
    pub(crate) fn table(self) -> Option<usize> {
        self.kind.row().table
    }

    /// A name that no other kernel has, such as `uniform_bf16_bounded`.
    pub fn name(self) -> String {
        let structure = match self.structure {
            StructureKind::Dense => String::new(),
            structure => format!("{structure}_"),
        };
        let update = match self.update {
            UpdateKind::Fill => String::new(),
            update => format!("_{update}"),
        };
        let selection = match self.selection {
            Selection::Range => String::new(),
            Selection::Blocks => "_slice_of_blocks".to_owned(),
            Selection::Runs => format!("_slice{}", self.short.map_or_else(String::new, Short::name)),
        };
        let options = [
            (self.nested, "_nested"),
            (self.options.centred, "_centred"),
            (self.options.bounded, "_bounded"),
            (self.options.shifted, "_shifted"),
            (self.whole, "_whole"),
            (self.batched, "_batched"),
            (self.int64, "_int64"),
            (self.immediates, "_immediates"),
        ];
        let suffix: String = options.iter().filter(|(set, _)| *set).map(|(_, suffix)| *suffix).collect();
        format!("{structure}{}_{}{update}{selection}{suffix}", self.kind.name(), self.dtype)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: Vec<_> = Kernel::all().chain(Kernel::updates()).chain(Kernel::slices()).map(Kernel::name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}
