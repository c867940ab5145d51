//! Kinds of laws: which kernel makes the standard samples. One row each, from which kernels and their texts are made.

use crate::dtype::DType;

/// Which kernel makes the standard samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// One bit pattern everywhere.
    Constant,
    /// The generator's words.
    Bits,
    /// Odd 25-bit integers with sign.
    Uniform,
    /// Portable Box–Muller.
    Normal,
    /// Box–Muller by the device's own functions.
    NormalNative,
    /// A quantile table of cubics.
    Quantile,
    /// A quantile table of a symmetric law, of parabolas in whole numbers.
    SymmetricQuantile,
    /// A list of patterns of bits.
    Listed,
    /// Sine waves over a matrix.
    Wave,
    /// Components of vectors that were computed before, for orthogonal matrices.
    Gather,
}

/// What a kind's functions make of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Makes {
    /// The bits of elements, whatever their type.
    Elements,
    /// Numbers, which the type encodes.
    Numbers,
    /// Standard samples, which are scaled, centred and clamped before that.
    Samples,
}

/// The types that a kind has kernels for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Types {
    /// One for each size of element: its first type stands for all.
    Sizes,
    /// Each that holds numbers.
    Floats,
    /// That of the generator's words.
    Words,
}

/// Whether a centre is added, and whether samples are clamped.
pub(crate) type Form = (bool, bool);

/// Everything that depends on a kind alone.
pub(crate) struct Row {
    /// The first word of its kernels' names.
    pub(crate) name: &'static str,
    /// Its own shaders.
    pub(crate) shaders: &'static [&'static str],
    /// Those instead for elements of 64 bits, where they are others.
    pub(crate) shaders_of_64: &'static [&'static str],
    /// Its shader that reads the table for one block, and for four.
    pub(crate) lookup: Option<[&'static str; 2]>,
    /// Whether it takes words of the generator.
    pub(crate) draws: bool,
    /// Whether it multiplies 32-bit numbers to 64 bits besides.
    pub(crate) multiplies: bool,
    /// Whether elements depend on their place in a matrix.
    pub(crate) has_places: bool,
    /// What it makes.
    pub(crate) makes: Makes,
    /// Bytes of its table's elements, where it has one.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only GPUs bind tables"))]
    pub(crate) table: Option<usize>,
    /// The types that it has kernels for.
    pub(crate) types: Types,
    /// The forms that it has for a type.
    pub(crate) forms: fn(DType) -> &'static [Form],
}

/// What most rows have.
const ROW: Row = Row {
    name: "",
    shaders: &[],
    shaders_of_64: &[],
    lookup: None,
    draws: true,
    multiplies: false,
    has_places: false,
    makes: Makes::Samples,
    table: None,
    types: Types::Floats,
    forms: |_| &[(false, false)],
};

impl Kind {
    /// Every kind that a fill can ask for. [`Kind::Gather`] is recorded by the way to orthogonal matrices alone.
    pub const ALL: [Self; 9] = [
        Self::Constant,
        Self::Uniform,
        Self::Normal,
        Self::NormalNative,
        Self::Quantile,
        Self::SymmetricQuantile,
        Self::Bits,
        Self::Listed,
        Self::Wave,
    ];

    /// The first word of its kernels' names.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    pub(crate) const fn row(self) -> Row {
        match self {
            Self::Constant => Row {
                name: "constant",
                shaders: &[shader!("law/constant")],
                shaders_of_64: &[shader!("law/constant_64")],
                draws: false,
                makes: Makes::Elements,
                types: Types::Sizes,
                ..ROW
            },
            Self::Bits => Row {
                name: "bits",
                shaders: &[shader!("law/bits")],
                makes: Makes::Elements,
                types: Types::Words,
                ..ROW
            },
            Self::Uniform => Row {
                name: "uniform",
                shaders: &[shader!("law/uniform")],
                forms: |dtype| match dtype.sampled() {
                    // A symmetric product stays inside its bounds by itself; only a rounding to fewer bits can reach
                    // them.
                    DType::F32 => &[(false, false), (false, true), (true, true)],
                    _ => &[(false, true), (true, true)],
                },
                ..ROW
            },
            Self::Normal => Row {
                name: "normal",
                shaders: &[shader!("law/cos_sin"), shader!("law/normal")],
                forms: |_| &[(false, false), (true, false)],
                ..ROW
            },
            Self::NormalNative => Row {
                name: "normal_native",
                shaders: &[shader!("law/normal_native")],
                forms: |_| &[(false, false), (true, false)],
                ..ROW
            },
            Self::Quantile => Row {
                name: "quantile",
                shaders: &[shader!("law/quantile")],
                lookup: Some([shader!("law/one_row"), shader!("law/four_rows")]),
                table: Some(16),
                forms: |_| &[(false, true), (true, true)],
                ..ROW
            },
            Self::SymmetricQuantile => Row {
                name: "symmetric_quantile",
                shaders: &[shader!("law/symmetric_quantile")],
                lookup: Some([shader!("law/one_parabola"), shader!("law/four_parabolas")]),
                table: Some(8),
                forms: |dtype| match dtype.sampled() {
                    // A product stays inside its bounds by itself, as above.
                    DType::F32 => &[(false, false), (true, false), (true, true)],
                    _ => &[(false, false), (true, false), (false, true), (true, true)],
                },
                ..ROW
            },
            Self::Listed => Row {
                name: "listed",
                shaders: &[shader!("law/listed")],
                shaders_of_64: &[shader!("law/listed_64")],
                draws: false,
                has_places: true,
                makes: Makes::Elements,
                table: Some(4),
                types: Types::Sizes,
                ..ROW
            },
            Self::Wave => Row {
                name: "wave",
                shaders: &[shader!("law/cos_sin"), shader!("law/wave")],
                draws: false,
                multiplies: true,
                has_places: true,
                makes: Makes::Numbers,
                table: Some(16),
                ..ROW
            },
            Self::Gather => Row {
                name: "gather",
                shaders: &[shader!("law/gather")],
                draws: false,
                has_places: true,
                makes: Makes::Numbers,
                table: Some(4),
                ..ROW
            },
        }
    }

    /// The type whose kernel elements of `dtype` take.
    pub(crate) fn dtype(self, dtype: DType) -> DType {
        match self.row().types {
            Types::Sizes => DType::of_size(dtype.size()),
            Types::Floats | Types::Words => dtype,
        }
    }

    /// The types that it has kernels for.
    pub(crate) fn dtypes(self) -> impl Iterator<Item = DType> {
        let types = self.row().types;
        DType::ALL.into_iter().filter(move |dtype| match types {
            Types::Sizes => dtype.is_float() && DType::of_size(dtype.size()) == *dtype,
            Types::Floats => dtype.is_float(),
            Types::Words => !dtype.is_float(),
        })
    }
}
