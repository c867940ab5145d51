//! Updates: what becomes of the elements that a buffer holds already, in place.

use std::ops::Range;

use crate::arithmetic::update::blend::{LEAST_TERM, MOST_TERM};
use crate::dtype::DType;
use crate::error::{Error, LawError, Result};
use crate::law::Law;
use crate::law::check::finite;
use crate::name::names;
use crate::request::fill::Fill;
use crate::request::stream::Stream;
use crate::request::structure::Structure;
use crate::request::view::View;

/// What an update does to an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UpdateKind {
    /// A fill: every element of a range becomes its sample.
    #[default]
    Fill,
    /// Elements of a view become their samples.
    Replace,
    /// Elements of a view, or all, become a multiple of what they were plus their samples.
    Blend,
}

names!(UpdateKind, "update", { Fill => "fill", Replace => "replace", Blend => "blend" });

/// A change of a tensor's elements in place: x becomes keep · x + s, where s is what a [`Fill`] would write there.
///
/// Noise, scaling, and fresh values for some rows or columns are all of this form. Every element is computed from
/// itself and its own sample: the same bits come out on every device and for every range, as for fills. keep · x and
/// the sum are f32 numbers, each rounded once, and the sum is rounded to the element's type, where it saturates at the
/// largest finite value. Elements that are infinite or no numbers stay as they are. A result of 0 has no sign. Terms
/// below 2^-102 count as 0 (where nothing is added, only products below 2^-125), and those of f32 and bf16 above 2^126
/// count as that.
///
/// ```
/// use weightinit::request::{Update, View};
/// use weightinit::{DType, Fill, Law, cpu};
///
/// let shape = [4, 3];
/// let weights = Fill::new("fc.weight", Law::normal(0.0, 0.02), DType::F32, 12)?;
/// let mut bytes = cpu::bytes(&weights)?;
///
/// // "Shrink and perturb": Ash and Adams, "On warm-starting neural network training" (2020).
/// let noise = Fill::new("fc.weight", Law::normal(0.0, 0.001), DType::F32, 12)?.with_seed(1);
/// cpu::write(&Update::blend(0.9, noise)?, &mut bytes)?;
///
/// // Unit 2 of the layer is dead: new weights for its row, from another seed.
/// let reset = Update::replace(weights.with_seed(2)).with_view(View::new(&shape, 0, 2..3)?)?;
/// cpu::write(&reset, &mut bytes)?;
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    fill: Fill,
    keep: Option<f32>,
    view: Option<View>,
}

impl Update {
    /// x becomes s: new values for the elements of the fill's range, or of a [`Update::with_view`] of them.
    pub fn replace(fill: Fill) -> Self {
        Self { fill, keep: None, view: None }
    }

    /// x becomes x + s: noise, or anything else that a fill can be, such as the identity.
    ///
    /// # Errors
    /// Those of [`Update::blend`].
    pub fn add(fill: Fill) -> Result<Self> {
        Self::blend(1.0, fill)
    }

    /// x becomes factor · x, for the `len` elements of a tensor of `dtype`.
    ///
    /// # Errors
    /// Those of [`Update::blend`] and [`Fill::new`].
    pub fn scale(factor: f64, dtype: DType, len: u64) -> Result<Self> {
        if !Self::computes_with(dtype) {
            return Err(Error::NoArithmetic { dtype });
        }
        Self::blend(factor, Fill::new(0, Law::Constant(0.0), dtype, len)?)
    }

    /// x becomes keep · x + s.
    ///
    /// # Errors
    /// [`LawError::NotFinite`], [`LawError::Overflow`] or [`LawError::Subnormal`] for a factor that is no normal f32
    /// number or 0; [`Error::NoArithmetic`] for elements of type f64, which shaders do not compute with, or u32.
    pub fn blend(keep: f64, fill: Fill) -> Result<Self> {
        finite("keep", keep)?;
        if !Self::computes_with(fill.dtype()) {
            return Err(Error::NoArithmetic { dtype: fill.dtype() });
        }
        let (least, max) = (f64::from(f32::MIN_POSITIVE), f64::from(f32::MAX));
        if keep != 0.0 && keep.abs() < least {
            return Err(LawError::Subnormal { name: "keep", value: keep, least }.into());
        }
        if keep.abs() > max {
            return Err(LawError::Overflow { value: keep, dtype: DType::F32, max }.into());
        }
        Ok(Self { fill, keep: Some(keep as f32), view: None })
    }

    /// Whether shaders compute with elements of `dtype`.
    pub(crate) fn computes_with(dtype: DType) -> bool {
        dtype.is_float() && dtype != DType::F64
    }

    /// The same for only those elements that are in `view`.
    ///
    /// # Errors
    /// [`Error::ViewMismatch`] for a view of a tensor with another number of elements.
    pub fn with_view(self, view: View) -> Result<Self> {
        let (expected, elements) = (self.fill.tensor_len(), view.elements());
        if elements != expected {
            return Err(Error::ViewMismatch { elements, expected });
        }
        Ok(Self { view: Some(view), ..self })
    }

    /// The part of the update that concerns `elements` of the tensor.
    ///
    /// # Errors
    /// [`Error::InvalidRange`] if they are none or not inside the tensor.
    pub fn range(&self, elements: Range<u64>) -> Result<Self> {
        Ok(Self { fill: self.fill.range(elements)?, ..self.clone() })
    }

    /// The same with samples from another seed.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { fill: self.fill.with_seed(seed), ..self }
    }

    /// The same with the samples of another tensor.
    pub fn with_stream(self, stream: impl Into<Stream>) -> Self {
        Self { fill: self.fill.with_stream(stream), ..self }
    }

    /// Where the samples come from.
    pub fn fill(&self) -> &Fill {
        &self.fill
    }

    /// What it does to an element.
    pub fn kind(&self) -> UpdateKind {
        match (self.keep, self.view) {
            (Some(_), _) => UpdateKind::Blend,
            (None, Some(_)) => UpdateKind::Replace,
            (None, None) => UpdateKind::Fill,
        }
    }

    /// Which elements it concerns, if not all.
    pub(crate) fn elements_in_view(&self) -> Option<View> {
        self.view
    }

    /// The fill of the elements from the first that may change to the last, and the bytes before them; nothing if none
    /// may.
    pub(crate) fn concerned(&self) -> Result<Option<(Fill, u64)>> {
        let Range { start, end } = self.fill.elements();
        let span = self.view.map_or(start..end, |view| view.span());
        let (first, last) = (start.max(span.start), end.min(span.end));
        if first >= last {
            return Ok(None);
        }
        Ok(Some((self.fill.range(first..last)?, (first - start) * self.fill.dtype().size())))
    }

    /// The factor, and the magnitudes of x below which it counts as 0 and above which as the limit.
    pub(crate) fn factor(&self) -> [f32; 3] {
        let Some(keep) = self.keep else { return [0.0; 3] };
        let nothing_added = *self.fill.law() == Law::Constant(0.0) && self.fill.structure() == Structure::Dense;
        let least_product = if nothing_added { 2.0 * f32::MIN_POSITIVE } else { LEAST_TERM };
        // Between the smallest normal number and the largest: for extreme factors everything is 0, or nothing.
        let quotient = |product: f32| {
            let exact = f64::from(product) / f64::from(keep.abs());
            exact.clamp(f32::MIN_POSITIVE.into(), f32::MAX.into()) as f32
        };
        [keep, quotient(least_product), quotient(MOST_TERM)]
    }
}
