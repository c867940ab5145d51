//! Views: some of a tensor's elements, by their places along one axis.

use std::ops::Range;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::law::check::dimension;
use crate::request::fill::element_count;

/// Every `step`-th slice of a tensor along one axis: rows, columns, or any other.
///
/// ```
/// use weightinit::request::View;
///
/// // Columns 5, 7 and 9 of a matrix of 768 rows and 3072 columns.
/// let view = View::new(&[768, 3072], 1, 5..10)?.with_step(2)?;
/// assert!(view.contains(3072 + 7) && !view.contains(3072 + 8));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Elements of the whole tensor.
    elements: u64,
    /// Elements of one slice at one place of the axes before.
    inner: u32,
    /// Places of the axis.
    length: u32,
    start: u32,
    end: u32,
    step: u32,
}

impl View {
    /// The slices `range` along `axis` of a tensor of `shape`.
    ///
    /// # Errors
    /// [`Error::NoSuchAxis`]; [`Error::InvalidRange`] if the range is empty or not inside the axis;
    /// [`Error::EmptyShape`], [`Error::TooManyElements`] and [`Error::DimensionTooLarge`] for the shape.
    pub fn new(shape: &[u64], axis: usize, range: Range<u64>) -> Result<Self> {
        let elements = element_count(shape, DType::F8E4M3)?;
        let Some(&length) = shape.get(axis) else { return Err(Error::NoSuchAxis { axis, shape: shape.to_vec() }) };
        let Range { start, end } = range;
        if start >= end || end > length {
            return Err(Error::InvalidRange { start, end, len: length });
        }
        let inner = dimension("the size of a slice", shape[axis + 1..].iter().product())?;
        let length = dimension("the axis' length", length)?;
        Ok(Self { elements, inner, length, start: start as u32, end: end as u32, step: 1 })
    }

    /// Of these slices the first, and every `step`-th after it.
    ///
    /// # Errors
    /// [`Error::ZeroDimension`], [`Error::DimensionTooLarge`].
    pub fn with_step(self, step: u64) -> Result<Self> {
        if step == 0 {
            return Err(Error::ZeroDimension { name: "step" });
        }
        Ok(Self { step: dimension("step", step)?, ..self })
    }

    /// Whether the element with this flat index is in the view.
    pub fn contains(&self, element: u64) -> bool {
        let place = (element / u64::from(self.inner) % u64::from(self.length)) as u32;
        element < self.elements
            && (self.start..self.end).contains(&place)
            && (place - self.start).is_multiple_of(self.step)
    }

    /// How many slices it has.
    pub fn slices(&self) -> u64 {
        u64::from((self.end - self.start).div_ceil(self.step))
    }

    /// Elements of the whole tensor.
    pub(crate) fn elements(&self) -> u64 {
        self.elements
    }

    /// The elements from the first to the last of the view: fewer than all where the axis is the tensor's first.
    pub(crate) fn span(&self) -> Range<u64> {
        let inner = u64::from(self.inner);
        if inner * u64::from(self.length) < self.elements {
            return 0..self.elements;
        }
        u64::from(self.start) * inner..u64::from(self.end) * inner
    }

    /// The view as the shader has it: `view` and `view_count` of `shaders/generator/params.wgsl`.
    pub(crate) fn words(&self) -> ([u32; 4], u32) {
        ([self.inner, self.length, self.start, self.step], self.slices() as u32)
    }
}
