//! Lowering: a law in real numbers becomes a kernel's kind and its f32 parameters, for one element type.

use std::sync::Arc;

use crate::arithmetic::update::blend::LEAST_SUMMAND;
use crate::dtype::DType;
use crate::error::{Error, LawError, Result};
use crate::law::check::{self, dimension, finite, scale};
use crate::law::grid;
use crate::law::kind::Kind;
use crate::law::law::{Law, Math};
use crate::law::table::Table;
use crate::law::wave::{self, Waves};

/// A law lowered to one element type: `clamp(centre + scale · standard sample, low, high)` in f32, rounded to the type.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampler {
    /// The kernel.
    pub kind: Kind,
    /// Factor of the standard sample.
    pub scale: f32,
    /// Added after scaling; with 0 the addition is left out.
    pub centre: f32,
    /// Smallest and largest sample, for laws whose rounding could leave their bounds.
    pub bounds: Option<(f32, f32)>,
    /// The element's bits, for [`Kind::Constant`]; those of the number that stands for the middle, for
    /// [`Kind::SymmetricQuantile`].
    pub pattern: u64,
    /// The table, for [`Kind::Quantile`], [`Kind::SymmetricQuantile`], [`Kind::Listed`] and [`Kind::Wave`].
    pub table: Option<Table>,
    /// Elements of the list, or columns of the waves' matrix.
    pub columns: u32,
    /// Numbers of the structure that the law itself has.
    pub structure: [u32; 4],
}

/// The smallest magnitude that keeps `k · half` normal: |k| ≥ 1, half = bound / 2^24.
const LEAST_BOUND: f64 = f32::MIN_POSITIVE as f64 * (1 << 24) as f64;
/// A sum of two f32 numbers is 0 or at least the smaller's last place: normal if both are at least 2^-103.
const LEAST_TERM: f64 = LEAST_SUMMAND as f64;
/// The smallest standard sample of a normal or tabulated law is above 2^-40: r ≥ 2^-15.5, |sin| ≥ 2^-24.4.
const LEAST_STANDARD: f64 = 1.0 / (1u64 << 40) as f64;
/// The largest portable normal is √(64 ln 2) = 6.6604; native functions may err by [`Math::NATIVE_TOLERANCE`].
pub(super) const NORMAL_REACH: f64 = 6.67;

/// The smallest scales that keep samples normal: without a mean, and with one.
const LEAST_SCALES: [f64; 2] = [f32::MIN_POSITIVE as f64 / LEAST_STANDARD, LEAST_TERM / LEAST_STANDARD];
/// The same of logarithmic tables, whose standard samples are above 2^-93: without a mean, what is below the smallest
/// normal number is clamped to it.
const LEAST_LOGARITHMIC_SCALES: [f64; 2] = [f32::MIN_POSITIVE as f64, LEAST_TERM * (1u128 << 93) as f64];

/// Refuses samples that would leave the type's finite range.
fn samples_fit(reach: f64, dtype: DType) -> Result<()> {
    match fits(reach, dtype.sampled()) {
        Err(Error::Law(LawError::Overflow { value, dtype: DType::F32, max })) => {
            Err(LawError::SamplesOverflow { value, max }.into())
        }
        fits => fits,
    }
}

/// Refuses what would leave the type's finite range.
fn fits(reach: f64, dtype: DType) -> Result<()> {
    if reach <= dtype.max() { Ok(()) } else { Err(LawError::Overflow { value: reach, dtype, max: dtype.max() }.into()) }
}

/// Refuses magnitudes that would make samples subnormal.
fn normal(name: &'static str, value: f64, least: f64) -> Result<()> {
    if value.abs() >= least { Ok(()) } else { Err(LawError::Subnormal { name, value, least }.into()) }
}

impl Sampler {
    /// Lowers `law` for elements of `dtype`.
    pub(crate) fn new(law: &Law, dtype: DType) -> Result<Self> {
        let is_bits = matches!(law, Law::Bits);
        if is_bits != (dtype == DType::U32) {
            let expected = if is_bits { "dtype u32" } else { "a floating-point dtype" };
            return Err(Error::DTypeMismatch { law: law.name(), expected, dtype });
        }
        match *law {
            Law::Bits => Ok(Self::of(Kind::Bits)),
            Law::Constant(value) => Self::constant("value", value, dtype),
            Law::Uniform { low, high } => Self::uniform(low, high, dtype),
            Law::Normal { mean, std, math } => {
                let kind = if math == Math::Native { Kind::NormalNative } else { Kind::Normal };
                let sampler = Self::location_scale(kind, mean, std, NORMAL_REACH, LEAST_SCALES, dtype)?;
                grid::of_normal(mean, std, dtype)?;
                Ok(sampler)
            }
            Law::Tabulated { ref table, mean, std, low, high, .. } => {
                finite("mean", mean)?;
                scale("std", std)?;
                check::bounds(low, high)?;
                if let Some(value) = law.only_value() {
                    return Self::point("mean", value, [low, high], dtype);
                }
                let is_logarithmic = table.is_logarithmic();
                let least = if is_logarithmic { LEAST_LOGARITHMIC_SCALES } else { LEAST_SCALES };
                let sampler = Self::location_scale(table.kind(), mean, std, table.reach(), least, dtype)?;
                let mut bounds = inside(low, high, false, false, dtype)?;
                grid::of_table(table, [mean, std], bounds, dtype)?;
                if is_logarithmic && mean == 0.0 {
                    bounds = beside_0(bounds, table.at(1 << 31));
                }
                let is_bounded = table.kind() == Kind::Quantile || low.is_finite() || high.is_finite();
                let mut bounds = is_bounded.then_some(bounds);
                // Exact, since a step is a power of 2.
                let mut scale = sampler.scale * table.step() as f32;
                let is_product = table.kind() == Kind::SymmetricQuantile && sampler.centre == 0.0;
                if is_product
                    && dtype.sampled() == DType::F32
                    && let Some((low, high)) = bounds.take()
                {
                    // Products stay inside by themselves if the largest does, which is the last word's.
                    let largest = (table.at(u32::MAX) / table.step()) as f32;
                    while scale * largest > high.min(-low) {
                        scale = scale.next_down();
                    }
                }
                let pattern = table.rows().pattern().into();
                Ok(Self { scale, bounds, pattern, table: Some(Table::Quantile(Arc::clone(table))), ..sampler })
            }
            Law::Listed(ref values) => Self::listed(values, dtype),
            Law::Waves(ref waves) => Self::waves(waves, dtype),
        }
    }

    fn of(kind: Kind) -> Self {
        Self { kind, scale: 1.0, centre: 0.0, bounds: None, pattern: 0, table: None, columns: 0, structure: [0; 4] }
    }

    fn constant(name: &'static str, value: f64, dtype: DType) -> Result<Self> {
        finite(name, value)?;
        fits(value.abs(), dtype)?;
        Ok(Self { pattern: dtype.bits(value), ..Self::of(Kind::Constant) })
    }

    /// The same value everywhere: `value`, which is inside the bounds, or what the type has inside them in its place.
    fn point(name: &'static str, value: f64, [low, high]: [f64; 2], dtype: DType) -> Result<Self> {
        let constant = Self::constant(name, value, dtype)?;
        let held = dtype.value(constant.pattern);
        if low <= held && held <= high {
            return Ok(constant);
        }
        // It was rounded out of the bounds. Inside them is a neighbour, if anything is.
        let (least, most) = inside(low, high, false, false, dtype)?;
        Self::constant(name, value.max(least.into()).min(most.into()), dtype)
    }

    /// `gain` times components that a buffer holds, whose table is bound when it is recorded.
    #[cfg(feature = "gpu")]
    pub(crate) fn gathered(gain: f64, columns: u32, structure: [u32; 4]) -> Self {
        Self { scale: gain as f32, columns, structure, ..Self::of(Kind::Gather) }
    }

    fn listed(values: &[f64], dtype: DType) -> Result<Self> {
        for &value in values {
            finite("value", value)?;
            fits(value.abs(), dtype)?;
        }
        let words = values.iter().map(|value| dtype.bits(*value));
        let words: Arc<[u32]> = match dtype.size() {
            8 => words.flat_map(|bits| [bits as u32, (bits >> 32) as u32]).collect(),
            _ => words.map(|bits| bits as u32).collect(),
        };
        let columns = dimension("elements of a list", values.len() as u64)?;
        Ok(Self { table: Some(Table::Words(words)), columns, ..Self::of(Kind::Listed) })
    }

    fn waves(waves: &Waves, dtype: DType) -> Result<Self> {
        fits(waves.reach(), dtype.sampled())?;
        for wave in waves.waves.iter().filter(|wave| wave.amplitude != 0.0) {
            normal("amplitude", wave.amplitude, wave::LEAST_AMPLITUDE)?;
        }
        let columns = dimension("columns", waves.columns)?;
        let structure = [u32::from(waves.by_row), 0, 0, 0];
        Ok(Self { table: Some(Table::Words(waves.words())), columns, structure, ..Self::of(Kind::Wave) })
    }

    fn uniform(low: f64, high: f64, dtype: DType) -> Result<Self> {
        finite("low", low)?;
        finite("high", high)?;
        check::bounds(low, high)?;
        if low == high {
            return Self::point("low", low, [low, high], dtype);
        }
        samples_fit(low.abs().max(high.abs()), dtype)?;
        let symmetric = low == -high;
        if symmetric {
            normal("high", high, LEAST_BOUND)?;
        }
        let bounds = inside(low, high, symmetric, true, dtype)?;
        if bounds == (0.0, 0.0) {
            // For bounds that are too small in any type, the same refusal as of wider ones.
            normal("high - low", high - low, LEAST_TERM * f64::from(1 << 25))?;
            return Err(LawError::OnlyZero { low, high, least: grid::least(dtype), dtype }.into());
        }
        grid::of_uniform(low, high, dtype)?;
        if bounds.0 == bounds.1 {
            return Self::constant("low", f64::from(bounds.0), dtype);
        }
        let half_width = high / 2.0 - low / 2.0;
        let centre = (low / 2.0 + high / 2.0) as f32;
        let scale = (half_width / f64::from(1 << 24)) as f32;
        if symmetric {
            // An f32 product stays inside its open bounds by itself; only a rounding to fewer bits can reach them.
            let bounds = (dtype.sampled() != DType::F32).then_some(bounds);
            return Ok(Self { scale, bounds, ..Self::of(Kind::Uniform) });
        }
        normal("high - low", high - low, LEAST_TERM * f64::from(1 << 25))?;
        // A centre below half a step of the samples is within their rounding.
        let centre = if f64::from(centre.abs()) < LEAST_TERM { 0.0 } else { centre };
        Ok(Self { scale, centre, bounds: Some(bounds), ..Self::of(Kind::Uniform) })
    }

    fn location_scale(kind: Kind, mean: f64, std: f64, reach: f64, least: [f64; 2], dtype: DType) -> Result<Self> {
        finite("mean", mean)?;
        scale("std", std)?;
        if std == 0.0 {
            return Self::constant("mean", mean, dtype);
        }
        let reach = mean.abs() + reach * std;
        // Formats of 8 bits saturate, as those who use them expect; but what is rounded to them are numbers of f32.
        samples_fit(if dtype.size() == 1 { mean.abs() } else { reach }, dtype)?;
        samples_fit(reach.max(std), DType::F32)?;
        if mean == 0.0 {
            normal("std", std, least[0])?;
            grid::of_reach(reach, dtype)?;
        } else {
            normal("mean", mean, LEAST_TERM)?;
            normal("std", std, least[1])?;
        }
        Ok(Self { scale: std as f32, centre: mean as f32, ..Self::of(kind) })
    }
}

/// The smallest and the largest value of the type inside the bounds.
fn inside(low: f64, high: f64, low_open: bool, high_open: bool, dtype: DType) -> Result<(f32, f32)> {
    let bounds = (dtype.at_least(low, low_open), dtype.at_most(high, high_open));
    if bounds.0 <= bounds.1 { Ok(bounds) } else { Err(LawError::NothingRepresentable { low, high, dtype }.into()) }
}

/// The bounds of samples with the sign of `any` of them, so that those which a device may take for 0 are the smallest
/// normal number.
fn beside_0((low, high): (f32, f32), any: f64) -> (f32, f32) {
    if any > 0.0 { (low.max(f32::MIN_POSITIVE), high) } else { (low, high.min(-f32::MIN_POSITIVE)) }
}
