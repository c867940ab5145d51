//! Everything that can go wrong, as one enum: what was wrong, what was expected, what to do.

mod device;
mod law;
mod recipe;
mod slice;

pub use device::DeviceError;
pub use law::LawError;
pub use recipe::RecipeError;
pub use slice::SliceError;

use crate::dtype::DType;
use crate::name::UnknownName;

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request was refused. No request panics, and none is half done when it is refused.
///
/// ```
/// use weightinit::error::LawError;
/// use weightinit::{DType, Error, Fill, Law};
///
/// let refused = Fill::new(0, Law::normal(0.0, -1.0), DType::F32, 8);
/// assert!(matches!(refused, Err(Error::Law(LawError::InvalidScale { .. }))));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A shape with a dimension of 0, or an element range without elements.
    #[error("shape {shape:?} has no elements; every dimension must be at least 1")]
    EmptyShape {
        /// The shape as given.
        shape: Vec<u64>,
    },
    /// The number of elements, or of bytes, does not fit in 64 bits.
    #[error("shape {shape:?} has more elements than 64 bits can count in bytes of {dtype}")]
    TooManyElements {
        /// The shape as given.
        shape: Vec<u64>,
        /// The type whose byte count overflows.
        dtype: DType,
    },
    /// An element range that is reversed, empty, or not inside the tensor.
    #[error("element range {start}..{end} is not a non-empty part of 0..{len}")]
    InvalidRange {
        /// First element asked for.
        start: u64,
        /// One past the last element asked for.
        end: u64,
        /// Number of elements of the tensor.
        len: u64,
    },
    /// A shape that the layout cannot take fans from.
    #[error(
        "shape {shape:?} has no fan_in and fan_out in layout {layout}: {expected}; \
         give a shape with more dimensions or an initializer that needs no fans"
    )]
    NoFans {
        /// The shape as given.
        shape: Vec<u64>,
        /// Name of the layout.
        layout: &'static str,
        /// What the layout needs.
        expected: &'static str,
    },
    /// A shape that cannot hold norms of parts of another.
    #[error(
        "shape {shape:?} holds no norms of a tensor of shape {of:?}: it needs the same dimensions, 1 where the norm is \
         over them, or one of them alone"
    )]
    NoNorms {
        /// The shape of the tensor.
        of: Vec<u64>,
        /// That of the norms.
        shape: Vec<u64>,
    },
    /// A layout by axes that names one of them twice.
    #[error("layout {layout} names an axis of shape {shape:?} twice; name each axis once, as in=0,out=1 does")]
    SameAxis {
        /// The layout as given.
        layout: String,
        /// The shape as given.
        shape: Vec<u64>,
    },
    /// The number of groups does not divide the output channels.
    #[error("{groups} groups do not divide the {out} channels of shape {shape:?}; give a divisor of {out}")]
    InvalidGroups {
        /// Groups as given.
        groups: u64,
        /// Channels that the groups share: outputs, or inputs of a transposed convolution.
        out: u64,
        /// The shape as given.
        shape: Vec<u64>,
    },
    /// A fan is 0, so that the variance would be infinite.
    #[error("{fan} of shape {shape:?} is 0; every dimension must be at least 1")]
    ZeroFan {
        /// Which fan.
        fan: &'static str,
        /// The shape as given.
        shape: Vec<u64>,
    },
    /// A structure for another number of elements.
    #[error("{elements} elements are no matrix of {columns} columns; give a structure of this tensor's own shape")]
    NotAMatrix {
        /// Elements of the tensor.
        elements: u64,
        /// Columns that the structure has.
        columns: u64,
    },
    /// A number of the structure that the tensor contradicts.
    #[error("the structure has {name} = {value}, the tensor {expected}; give a structure of this tensor's own shape")]
    StructureMismatch {
        /// Which number.
        name: &'static str,
        /// Its value.
        value: u64,
        /// That of the tensor.
        expected: u64,
    },
    /// A period or a block of no size.
    #[error("{name} is 0; it must be at least 1")]
    ZeroDimension {
        /// Which number.
        name: &'static str,
    },
    /// A row beyond the last.
    #[error("there is no row {row} in a matrix of {rows} rows; give one from 0 to {}", rows - 1)]
    NoSuchRow {
        /// The row as given.
        row: i64,
        /// Rows of the matrix.
        rows: u64,
    },
    /// An axis that the shape does not have.
    #[error("shape {shape:?} has no axis {axis}; its axes are numbered from 0")]
    NoSuchAxis {
        /// The axis as given.
        axis: usize,
        /// The shape as given.
        shape: Vec<u64>,
    },
    /// A view of another tensor.
    #[error("the view is of a tensor of {elements} elements, the fill of one of {expected}; give both the same shape")]
    ViewMismatch {
        /// Elements of the view's tensor.
        elements: u64,
        /// Elements of the fill's.
        expected: u64,
    },
    /// Elements that shaders do not compute with.
    #[error("elements of {dtype} can be replaced, but not added to or scaled; shaders do not compute with them")]
    NoArithmetic {
        /// Their type.
        dtype: DType,
    },
    /// Outputs of a layer that no scale of its weights brings to variance 1.
    #[error(
        "the outputs of layer {layer} have variance {variance:?}; expected a finite one above 0: check that the \
         forward pass writes them, and the weights before"
    )]
    OutputVariance {
        /// The layer's number, from 0.
        layer: usize,
        /// The variance of its outputs.
        variance: f64,
    },
    /// A dimension beyond 32 bits.
    #[error("{name} is {value}; structured matrices have at most 4294967295")]
    DimensionTooLarge {
        /// Which number.
        name: &'static str,
        /// Its value.
        value: u64,
    },
    /// A matrix that is computed from a table of more entries than anyone has use for.
    #[error("{initializer} takes a table of {entries} entries for this shape; it may have at most {most}")]
    TableTooLarge {
        /// The initializer.
        initializer: &'static str,
        /// Entries that its table would have.
        entries: u64,
        /// Most entries.
        most: u64,
    },
    /// A structure for a law that is a matrix by itself.
    #[error("the law '{law}' is a matrix by itself and takes no other structure")]
    AlreadyAMatrix {
        /// The law.
        law: &'static str,
    },
    /// A shape that the initializer has no matrix for.
    #[error("{initializer} is for {expected}, not for shape {shape:?}")]
    WrongShape {
        /// The initializer.
        initializer: &'static str,
        /// Shapes that it takes.
        expected: &'static str,
        /// The shape as given.
        shape: Vec<u64>,
    },
    /// A layout that the initializer has no matrix for.
    #[error("{initializer} is for {expected}, not for layout {layout}")]
    WrongLayout {
        /// The initializer.
        initializer: &'static str,
        /// Layouts that it takes.
        expected: &'static str,
        /// The layout as given.
        layout: String,
    },
    /// A number that must be a multiple of another.
    #[error("{name} is {value}, not a multiple of {divisor} {divisor_name}")]
    NotDivisible {
        /// Which number.
        name: &'static str,
        /// Its value.
        value: u64,
        /// What it should be divisible by.
        divisor_name: &'static str,
        /// The value of that.
        divisor: u64,
    },
    /// An orthogonal matrix beyond the algorithms' reach.
    #[error("a matrix of {rows} x {columns} cannot be made orthogonal; it may have at most {most} elements")]
    MatrixTooLarge {
        /// Rows as given.
        rows: u64,
        /// Columns as given.
        columns: u64,
        /// Most elements, padding included.
        most: u64,
    },
    /// A law by itself is asked of what has a structure.
    #[error(
        "some elements are 0 or copies of others (structure {structure}), which a law alone does not tell; use parts"
    )]
    NotDense {
        /// The structure.
        structure: &'static str,
    },
    /// An initializer whose elements depend on each other, where those of a law are asked for.
    #[error("orthogonal matrices are not samples of a law, which this needs; use a request of the whole tensor")]
    NotElementwise,
    /// One of several requests was refused.
    #[error("request {index}: {error}")]
    Request {
        /// Its place in the list, from 0.
        index: usize,
        /// Why.
        error: Box<Error>,
    },
    /// An update is compared without what it changed.
    #[error("an update's result depends on what was there before; compare with cpu::write of the same bytes")]
    UpdateAlone,
    /// Elements that are not those of the CPU reference.
    #[error(
        "{different} of {elements} elements differ, first at index {index}: expected bits {expected:#x}, found \
         {found:#x}"
    )]
    Different {
        /// Elements compared.
        elements: u64,
        /// How many of them differ.
        different: u64,
        /// Index of the first of those in its tensor's flat order, or in the slice that was asked for.
        index: u64,
        /// Its bits by the CPU reference.
        expected: u64,
        /// The bits that were found.
        found: u64,
    },
    /// A matrix inside of another.
    #[error("{outer} takes samples of a law, such as normal or he_normal, not another matrix")]
    NestedMatrix {
        /// The outer matrix.
        outer: &'static str,
    },
    /// A law and a type that do not go together.
    #[error("{law} gives {expected}, not {dtype}; ask for {expected}")]
    DTypeMismatch {
        /// The law.
        law: &'static str,
        /// What it gives.
        expected: &'static str,
        /// What was asked for.
        dtype: DType,
    },
    /// A name of something that does not exist.
    #[error(transparent)]
    UnknownName(#[from] UnknownName),
    /// A parameter that the initializer does not have.
    #[error("{} {} has no parameter '{name}'; it takes {expected}", owner[0], owner[1])]
    UnknownParameter {
        /// `initializer` or `recipe`, and its name.
        owner: [&'static str; 2],
        /// The parameter as given.
        name: String,
        /// Those that it has.
        expected: String,
    },
    /// A parameter without a default that was not given.
    #[error("{} {} needs parameter '{name}'; give {name} = <{expected}>", owner[0], owner[1])]
    MissingParameter {
        /// `initializer` or `recipe`, and its name.
        owner: [&'static str; 2],
        /// The parameter.
        name: &'static str,
        /// What its value is.
        expected: &'static str,
    },
    /// A parameter of the wrong type.
    #[error("parameter '{name}' of {} is {found}; expected {expected}", owner[1])]
    WrongParameter {
        /// `initializer` or `recipe`, and its name.
        owner: [&'static str; 2],
        /// The parameter.
        name: &'static str,
        /// The value as given.
        found: String,
        /// What its value should be.
        expected: String,
    },
    /// A law, by itself or in a type.
    #[error(transparent)]
    Law(#[from] LawError),
    /// A recipe, for a model.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A slice, or a mesh.
    #[error(transparent)]
    Slice(#[from] SliceError),
    /// A device.
    #[error(transparent)]
    Device(#[from] DeviceError),
}
