//! Everything that can go wrong, as one enum: what was wrong, what was expected, what to do.

use crate::dtype::DType;
use crate::name::UnknownName;

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request was refused. No request panics, and none is half done when it is refused.
///
/// ```
/// use weightinit::{DType, Error, Fill, Law};
///
/// let refused = Fill::new(0, Law::normal(0.0, -1.0), DType::F32, 8);
/// assert!(matches!(refused, Err(Error::InvalidScale { .. })));
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
    /// A parameter that is NaN or infinite.
    #[error("parameter {name} is {value:?}; it must be a finite number")]
    NotFinite {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A standard deviation, scale or half-width that is negative or not finite.
    #[error("parameter {name} is {value:?}; it must be finite and not negative")]
    InvalidScale {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A rate, shape or bound that must be positive.
    #[error("parameter {name} is {value:?}; it must be finite and above 0")]
    NotPositive {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter that is outside of what others leave it.
    #[error("parameter {name} is {value:?}; it must be {expected}")]
    OutOfRange {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        expected: String,
    },
    /// Bounds in the wrong order.
    #[error("lower bound {low:?} is above upper bound {high:?}; exchange them")]
    InvalidBounds {
        /// Lower bound as given.
        low: f64,
        /// Upper bound as given.
        high: f64,
    },
    /// No value that samples of the type can have lies inside the bounds.
    #[error(
        "no value that {dtype} samples can have lies between {low:?} and {high:?}; widen the bounds, take another dtype, \
         or write one value by constant"
    )]
    NothingRepresentable {
        /// Lower bound as given.
        low: f64,
        /// Upper bound as given.
        high: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Samples could leave the finite range of the type.
    #[error("samples reach {value:?}, beyond the largest {dtype} value {max:?}; lower the scale or take a wider dtype")]
    Overflow {
        /// The largest magnitude that the law reaches.
        value: f64,
        /// The type asked for.
        dtype: DType,
        /// Its largest finite value.
        max: f64,
    },
    /// Samples could leave the range of f32, in which those of every type are computed.
    #[error(
        "samples reach {value:?}, beyond the largest f32 value {max:?}, and samples of every dtype, f64 too, are \
         numbers of f32; lower the scale"
    )]
    SamplesOverflow {
        /// The largest magnitude that the law reaches.
        value: f64,
        /// The largest finite f32 number.
        max: f64,
    },
    /// The steps of f32, in which samples of every type are computed, are too wide for the law.
    #[error(
        "samples of {law} are numbers of f32, which near {at:?} are {step:?} apart: too coarse for {dtype} where half \
         of them lie within {spread:?}; {}",
        finer(*dtype)
    )]
    Coarse {
        /// The law.
        law: String,
        /// Where the numbers are.
        at: f64,
        /// How far apart they are there.
        step: f64,
        /// The width of the law's middle half.
        spread: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Many samples of one law would be the type's number beside 0, however much they differ.
    #[error(
        "more than 1 in {one_in} samples of {law} are nearer to 0 than {least:?}, the least that {dtype} samples can \
         be, and would be off by all of their size; {}",
        smaller(*least, *dtype)
    )]
    TooNearZero {
        /// The law.
        law: String,
        /// One in so many samples is.
        one_in: u32,
        /// The type's smallest magnitude above 0.
        least: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Many f64 samples would be one number, which those of f32 are rounded to.
    #[error(
        "more than 1 in {one_in} samples of {law} would be {value:?}, as {dtype} samples are numbers of f32; take \
         parameters that are less extreme, or dtype f32"
    )]
    Collapsed {
        /// The law.
        law: String,
        /// One in so many samples is.
        one_in: u32,
        /// The number.
        value: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Bounds between which a type has no number but 0.
    #[error(
        "between {low:?} and {high:?} {dtype} samples can only be 0, as the least beside it is {least:?}; widen the \
         bounds, take another dtype, or write 0 by constant"
    )]
    OnlyZero {
        /// Lower bound as given.
        low: f64,
        /// Upper bound as given.
        high: f64,
        /// The type's smallest magnitude above 0.
        least: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Samples would be subnormal f32 numbers, which some devices flush to 0.
    #[error(
        "parameter {name} is {value:?}; below {least:?} samples become subnormal numbers, which differ between devices"
    )]
    Subnormal {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The smallest magnitude that is served.
        least: f64,
    },
    /// A quantile table that cannot meet its error bound.
    #[error("the law {law} cannot be tabulated: {reason}")]
    NotTabulable {
        /// What law.
        law: String,
        /// Why not.
        reason: String,
    },
    /// A list that the host would have to keep in memory, longer than any model needs.
    #[error("a list of {len} values is too long; give a smaller tensor: at most {most} are kept")]
    ListTooLong {
        /// Its values.
        len: u64,
        /// How many there may be.
        most: u64,
    },
    /// A list without values, or a matrix of waves without any.
    #[error("the list is empty; give at least one value")]
    EmptyList,
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
        "the outputs of layer {layer} have variance {variance:?}; expected a finite one above 0: check that the forward pass \
         writes them, and the weights before"
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
    /// A part of a tensor that is only computed as a whole.
    #[error(
        "an orthogonal tensor is written as a whole on a GPU; ask for all {elements} elements, or for the part on the CPU"
    )]
    WholeOnly {
        /// Elements of the tensor.
        elements: u64,
    },
    /// Something that this build of the library leaves out.
    #[error("{what} need the feature `{feature}` of this crate; build with it")]
    NeedsFeature {
        /// What was asked for.
        what: &'static str,
        /// The feature.
        feature: &'static str,
    },
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
        "{different} of {elements} elements differ, first at index {index}: expected bits {expected:#x}, found {found:#x}"
    )]
    Different {
        /// Elements compared.
        elements: u64,
        /// How many of them differ.
        different: u64,
        /// Index of the first of those in its tensor's flat order.
        index: u64,
        /// Its bits by the CPU reference.
        expected: u64,
        /// The bits that were found.
        found: u64,
    },
    /// A tensor that the model does not have.
    #[error("the model has no tensor '{name}'")]
    NoSuchTensor {
        /// The name as given.
        name: String,
    },
    /// Tensors that no rule of a recipe matches.
    #[error("recipe {recipe} has no rule for {}", some(names))]
    Undecided {
        /// The recipe.
        recipe: &'static str,
        /// All such tensors.
        names: Vec<String>,
    },
    /// A glob that cannot be read.
    #[error("'{glob}' is no valid glob: {reason}")]
    InvalidGlob {
        /// Its beginning.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A fact about the model that a recipe needs and that names and shapes do not tell.
    #[error("recipe {recipe} needs {fact}, which the tensors' names do not tell; give it as a parameter")]
    UnknownFact {
        /// The recipe.
        recipe: &'static str,
        /// Which fact.
        fact: &'static str,
    },
    /// A tensor that a recipe cannot initialize.
    #[error("recipe {recipe} has no law for '{name}': {reason}")]
    Refused {
        /// The recipe.
        recipe: &'static str,
        /// The tensor.
        name: String,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// A parameter of a recipe that made no difference to any tensor.
    #[error("parameter '{name}' of {recipe} reaches no tensor of this model; leave it out or correct it")]
    UnusedParameter {
        /// The recipe.
        recipe: &'static str,
        /// The parameter.
        name: String,
    },
    /// A role that a method scales, of which some or all blocks of the model have no tensor by name.
    #[error(
        "recipe {recipe} scales what is added to the residual stream, and finds no {role} in some blocks; say what it is \
         called, as --role {role}=GLOB or, in a spec's recipe, {role} = \"GLOB\"{}",
        candidates_of(candidates)
    )]
    UnknownRole {
        /// The recipe.
        recipe: &'static str,
        /// The role.
        role: &'static str,
        /// Matrices of a block that could be meant.
        candidates: Vec<String>,
    },
    /// A configuration that does not tell of which family its model is.
    #[error("the configuration has no model_type, _class_name or architecture; name a recipe instead")]
    UnknownFamily,
    /// Names of tensors that do not tell which library made the model.
    #[error("the tensors' names do not tell how they are initialized: {reason}; name a recipe or an initializer")]
    UnknownScheme {
        /// Why not.
        reason: &'static str,
    },
    /// A model whose names and shapes do not follow from its configuration here.
    #[error(
        "names and shapes of {architecture} do not follow from a configuration here, those of {known} do; give a \
             shapes file or a checkpoint"
    )]
    NoTensors {
        /// The class that the configuration names.
        architecture: String,
        /// The one that is known.
        known: &'static str,
    },
    /// A configuration that asks for more tensors than any model has.
    #[error("the configuration asks for more than {most} tensors; correct its counts")]
    TooManyTensors {
        /// How many there may be.
        most: u64,
    },
    /// A recipe's own formula that cannot be read: a fault of this library.
    #[error("a formula of recipe {recipe} cannot be read: {reason}")]
    InvalidFormula {
        /// The recipe.
        recipe: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A share outside of 0 to 1.
    #[error("parameter {name} is {value:?}; it must be from 0 to 1")]
    NotAShare {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
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
    /// The destination is smaller than the fill.
    #[error("the fill needs {needed} bytes, the destination has {available}; make it larger or fill a shorter range")]
    BufferTooSmall {
        /// Bytes that the fill writes, rounded up to whole words at the end of a buffer.
        needed: u64,
        /// Bytes that the destination has.
        available: u64,
    },
    /// The buffer was created without a usage that the operation needs.
    #[error("the buffer lacks BufferUsages::{usage}; create it with that usage")]
    MissingUsage {
        /// The usage that is missing.
        usage: &'static str,
    },
    /// An offset that is not a multiple of the element size, or of a copy's alignment.
    #[error("byte offset {offset} is not a multiple of {alignment}; align it")]
    Misaligned {
        /// Offset as given.
        offset: u64,
        /// What it must be a multiple of.
        alignment: u64,
    },
    /// A limit of the device that makes the request impossible.
    #[error(
        "the device's limit {limit} is {value}, at least {needed} is needed; request the device with a higher limit"
    )]
    DeviceLimit {
        /// Name of the limit, as in `wgpu::Limits`.
        limit: &'static str,
        /// The device's value.
        value: u64,
        /// What is needed.
        needed: u64,
    },
    /// The device is lost: it was removed, reset or destroyed, and nothing on it can be used any more.
    #[error("the device is lost; open it again, or use another")]
    DeviceLost,
    /// The device has no memory left for what was asked.
    #[error("the device is out of memory; free some, or fill fewer elements at a time")]
    OutOfMemory,
    /// The device refused.
    #[error("the device failed: {0}")]
    Device(String),
}

/// What to do where the steps of f32 are too wide.
const fn finer(dtype: DType) -> &'static str {
    match dtype {
        DType::F64 => "move the law towards 0 and add the rest afterwards, or take dtype f32",
        _ => "move the law's mean towards its samples",
    }
}

/// What to do where samples are too near to 0.
fn smaller(least: f64, dtype: DType) -> String {
    let other = if dtype.least() < least { "" } else { ", or take dtype f32, which has smaller ones" };
    format!("take a lower bound of at least {least:?}, or parameters that are less extreme{other}")
}

/// Names that are listed at most.
const LISTED: usize = 20;

/// Names that could be meant, if there are any.
fn candidates_of(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(": it could be {}", some(names)) }
}

/// The first of some names, and how many more there are.
fn some(names: &[String]) -> String {
    let listed: Vec<_> = names.iter().take(LISTED).map(|name| format!("'{name}'")).collect();
    match names.len().checked_sub(LISTED) {
        None | Some(0) => listed.join(", "),
        Some(more) => format!("{} and {more} more", listed.join(", ")),
    }
}
