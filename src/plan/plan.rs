//! Plans: a fill or an update as dispatches over windows of its destination.

use std::ops::Range;

use crate::arithmetic::generator::params::Params;
use crate::dtype::DType;
use crate::error::{DeviceError, Error, Result};
use crate::plan::boxes::Boxes;
use crate::plan::capabilities::Capabilities;
use crate::plan::dispatch::{Binding, BindingKind, Dispatch};
use crate::plan::kernel::{Kernel, Selection, WORKGROUP_SIZE};
use crate::request::fill::Fill;
use crate::request::request::Request;
use crate::request::slice::Slice;
use crate::request::sliced::{Sliced, Whole};
use crate::request::structure::Structure;
use crate::request::update::Update;

/// Elements from `element` to the next whose block's number has another upper word.
pub(super) const fn to_upper_word(element: u64) -> u64 {
    let period = 1 << 34;
    period - element % period
}

/// Vulkan clamps bindings to this, whatever limit a device claims.
const MAX_BINDING: u64 = (1 << 31) - 1;

/// The dispatches that fill `byte_count` bytes of a buffer from `byte_offset` on.
///
/// ```
/// use weightinit::plan::{Capabilities, Plan};
/// use weightinit::{DType, Fill, Law};
///
/// let fill = Fill::new(0, Law::uniform(-1.0, 1.0), DType::F32, 1 << 26)?;
/// let plan = Plan::new(&fill, 4, &Capabilities::default())?;
/// assert_eq!(plan.kernel().name(), "uniform_f32_shifted");
/// assert_eq!(plan.dispatches().count(), 3); // 256 MiB from byte 4 on, in windows of 128 MiB
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) kernel: Kernel,
    pub(super) template: Params,
    /// Their numbers in the tensor, or in the slice if there is one.
    pub(super) elements: Range<u64>,
    pub(super) boxes: Option<Boxes>,
    pub(super) bytes: Range<u64>,
    pub(super) element_size: u64,
    pub(super) window: u64,
    pub(super) alignment: u64,
    pub(super) max_workgroups: u32,
    table_size: u64,
}

/// Invocations of a dispatch at most.
fn invocations(device: &Capabilities) -> u64 {
    u64::from(device.max_compute_workgroups_per_dimension).pow(2).saturating_mul(u64::from(WORKGROUP_SIZE))
}

/// Which elements: their numbers in the tensor, or in a slice of it.
struct Selected {
    elements: Range<u64>,
    boxes: Option<Boxes>,
}

impl Selected {
    fn range(fill: &Fill, byte_offset: u64, device: &Capabilities) -> Self {
        let elements = fill.elements();
        let Range { start, end } = elements;
        let is_cut = !in_step(start, fill.dtype(), byte_offset) && Kernel::of(fill).cuts_shifted(device);
        // As a slice of one run.
        if is_cut && let Ok(slice) = Slice::new(&[end], &[start], &[end - start]) {
            return Self::slice(&slice, 0..end - start, 0, device);
        }
        Self { elements, boxes: None }
    }

    /// With these numbers in a slice, in a tensor whose element `shift` counts as its first.
    fn slice(slice: &Slice, elements: Range<u64>, shift: u64, device: &Capabilities) -> Self {
        let boxes = (!elements.is_empty()).then(|| Boxes::new(slice, shift, invocations(device)));
        Self { elements, boxes }
    }
}

/// Whether blocks begin where units of four elements do, if this element is the first.
fn in_step(first: u64, dtype: DType, byte_offset: u64) -> bool {
    first % 4 == byte_offset / dtype.size() % 4
}

impl Plan {
    /// Plans `fill` into a buffer from `byte_offset` on, for a device of these capabilities.
    ///
    /// # Errors
    /// [`DeviceError::Misaligned`] if the offset is not a multiple of the element's size, [`DeviceError::Limit`]
    /// if the limits leave no room for a window, [`Error::TooManyElements`] if the range does not end within 63 bits.
    pub fn new(fill: &Fill, byte_offset: u64, device: &Capabilities) -> Result<Self> {
        let selected = Selected::range(fill, byte_offset, device);
        Self::of(fill, (Kernel::of(fill), Params::of(fill)), &selected, byte_offset, device)
    }

    /// Plans a request that is not orthogonal, and says of which fill its samples are.
    ///
    /// # Errors
    /// Those of [`Plan::of_slice`].
    pub(crate) fn of_request(request: &Request, byte_offset: u64, device: &Capabilities) -> Result<(Self, Fill)> {
        match request {
            Request::Fill(fill) => Ok((Self::new(fill, byte_offset, device)?, fill.clone())),
            Request::Update(update) => Ok((Self::of_update(update, byte_offset, device)?, update.fill().clone())),
            Request::Orthogonal(_) => Err(Error::NotElementwise),
            Request::Slice(sliced) => {
                let fill = match sliced.of() {
                    Whole::Fill(fill) => fill,
                    Whole::Update(update) => update.fill(),
                    Whole::Orthogonal(_) => return Err(Error::NotElementwise),
                };
                Ok((Self::of_slice(sliced, byte_offset, device)?, fill.clone()))
            }
        }
    }

    /// Plans a slice of a fill or of an update, its elements one after the other from `byte_offset` on. There are no
    /// dispatches if it has none.
    ///
    /// # Errors
    /// Those of [`Plan::new`]; [`Error::NotElementwise`] for orthogonal tensors, which take kernels of other plans.
    ///
    /// ```
    /// use weightinit::plan::{Capabilities, Plan};
    /// use weightinit::request::Slice;
    /// use weightinit::{DType, Fill, Law, Request};
    ///
    /// // A column block of a matrix: 2048 rows of 512 of its 4096 columns.
    /// let weight = Request::from(Fill::new("w", Law::normal(0.0, 0.02), DType::BF16, 2048 * 4096)?);
    /// let shard = weight.slice(&Slice::new(&[2048, 4096], &[0, 1024], &[2048, 512])?)?;
    /// let Request::Slice(sliced) = &shard else { panic!("a slice") };
    /// let plan = Plan::of_slice(sliced, 0, &Capabilities::default())?;
    /// assert_eq!(plan.dispatches().count(), 1);
    /// assert_eq!(plan.kernel().name(), "normal_bf16_slice_of_blocks_whole");
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn of_slice(sliced: &Sliced, byte_offset: u64, device: &Capabilities) -> Result<Self> {
        let sliced = match Request::from(sliced).simplest()? {
            Request::Fill(fill) => return Self::new(&fill, byte_offset, device),
            Request::Update(update) => return Self::of_update(&update, byte_offset, device),
            Request::Orthogonal(_) => return Err(Error::NotElementwise),
            Request::Slice(sliced) => sliced,
        };
        let selected = Selected::slice(sliced.slice(), sliced.elements(), 0, device);
        let (fill, form) = match sliced.of() {
            Whole::Fill(fill) => (fill, (Kernel::of(fill), Params::of(fill))),
            Whole::Update(update) => (update.fill(), (Kernel::of_update(update), Params::of_update(update))),
            Whole::Orthogonal(_) => return Err(Error::NotElementwise),
        };
        Self::of(fill, form, &selected, byte_offset, device)
    }

    /// Plans those elements of `fill`, which is the part of a tensor from element `shift` on, that have these numbers
    /// in a slice of the tensor.
    #[cfg(feature = "gpu")]
    pub(crate) fn of_part(
        fill: &Fill,
        (slice, elements, shift): (&Slice, Range<u64>, u64),
        byte_offset: u64,
        device: &Capabilities,
    ) -> Result<Self> {
        let selected = Selected::slice(slice, elements, shift, device);
        Self::of(fill, (Kernel::of(fill), Params::of(fill)), &selected, byte_offset, device)
    }

    /// Plans `update` of the elements that a buffer holds from `byte_offset` on. There may be no dispatches, if none of
    /// them is in the update's view.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub fn of_update(update: &Update, byte_offset: u64, device: &Capabilities) -> Result<Self> {
        let (fill, form) = (update.fill(), (Kernel::of_update(update), Params::of_update(update)));
        let Some((concerned, skipped)) = update.concerned()? else {
            let first = fill.elements().start;
            return Self::of(fill, form, &Selected { elements: first..first, boxes: None }, byte_offset, device);
        };
        let offset = byte_offset.checked_add(skipped).ok_or_else(|| fill.too_many())?;
        Self::of(fill, form, &Selected { elements: concerned.elements(), boxes: None }, offset, device)
    }

    fn of(
        fill: &Fill,
        (kernel, template): (Kernel, Params),
        Selected { elements, boxes }: &Selected,
        byte_offset: u64,
        device: &Capabilities,
    ) -> Result<Self> {
        let element_size = fill.dtype().size();
        if !byte_offset.is_multiple_of(element_size) {
            return Err(DeviceError::Misaligned { offset: byte_offset, alignment: element_size }.into());
        }
        let count = boxes.as_ref().and_then(Boxes::span).unwrap_or(elements.end - elements.start);
        let byte_count = count.checked_mul(element_size).ok_or_else(|| fill.too_many())?;
        let first_element = elements.start;
        // Windows begin at multiples of the alignment, a multiple of a block's 4 elements: one shift serves them all.
        let in_step = in_step(first_element, fill.dtype(), byte_offset);
        let compact = boxes.as_ref().is_none_or(Boxes::is_compact);
        let (kernel, shifted) = match boxes {
            None => {
                let dense = fill.structure() == Structure::Dense;
                (kernel, kernel.can_shift() && !(dense && in_step))
            }
            Some(boxes) => {
                let of_blocks = compact && in_step && boxes.parts().is_multiple_of(4);
                let selection = if of_blocks { Selection::Blocks } else { Selection::Runs };
                (kernel.selected(selection, boxes.is_nested()), false)
            }
        };
        // Dispatches end where the upper word of the block's number changes, or a box: see shaders/unit/quad.wgsl and
        // shaders/unit/slice.wgsl.
        let ends = match boxes {
            None => to_upper_word(first_element).saturating_mul(element_size).min(byte_count),
            Some(boxes) => boxes.size().map_or(0, |size| (size | first_element).saturating_mul(element_size)),
        };
        let runs = boxes.as_ref().map_or(0, |boxes| boxes.parts() | first_element);
        let places = boxes.as_ref().map_or(0, |boxes| boxes.places(byte_offset / element_size));
        // Short elements begin whole words in every dispatch: see shaders/unit/short_16_batch.wgsl.
        let in_words = element_size == 4
            || (compact && (byte_offset | ends | (first_element % 2 * element_size)).is_multiple_of(4));
        let short = boxes.as_ref().filter(|_| in_words).and_then(Boxes::short);
        let kernel = kernel.form(device, (shifted, short), [byte_offset | byte_count | ends, runs, places]);
        let unit = kernel.unit() * element_size;
        // Windows may end beyond it.
        let end =
            byte_offset.checked_add(byte_count).filter(|end| *end <= u64::MAX / 2).ok_or_else(|| fill.too_many())?;
        let alignment = u64::from(device.min_storage_buffer_offset_alignment).max(unit);
        let max_workgroups = device.max_compute_workgroups_per_dimension;
        let written = invocations(device).saturating_mul(unit);
        let binding = device.max_storage_buffer_binding_size.min(MAX_BINDING).min(written);
        let window = binding / alignment * alignment;
        if window == 0 {
            let (limit, value) = if max_workgroups == 0 {
                ("max_compute_workgroups_per_dimension", 0)
            } else {
                ("max_storage_buffer_binding_size", device.max_storage_buffer_binding_size)
            };
            let needed = if max_workgroups == 0 { 1 } else { alignment };
            return Err(DeviceError::Limit { limit, value, needed }.into());
        }
        let bytes = byte_offset..end;
        let table = fill.sampler().table.as_ref();
        let table_size = table.map_or(0, |table| size_of_val(table.words()) as u64);
        let boxes = boxes.clone();
        Ok(Self {
            kernel,
            template,
            elements: elements.clone(),
            boxes,
            bytes,
            element_size,
            window,
            alignment,
            max_workgroups,
            table_size,
        })
    }

    /// The kernel of every dispatch.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// The destination's bytes as the bindings must cover them: up to a whole word at the end.
    pub fn bytes(&self) -> Range<u64> {
        self.bytes.start..self.bytes.end.next_multiple_of(4)
    }

    /// What the kernel binds in group 0 for `dispatch`.
    pub fn bindings(&self, dispatch: &Dispatch) -> Vec<Binding> {
        let parameters =
            Binding { binding: 0, kind: BindingKind::Uniform, offset: 0, size: size_of::<Params>() as u64 };
        let destination = Binding {
            binding: 1,
            kind: BindingKind::Storage,
            offset: dispatch.binding_offset,
            size: dispatch.binding_size,
        };
        let table = Binding { binding: 2, kind: BindingKind::ReadOnlyStorage, offset: 0, size: self.table_size };
        let parameters = (!self.kernel.immediates).then_some(parameters);
        let table = (self.table_size > 0).then_some(table);
        [parameters, Some(destination), table].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::capabilities::limits;
    use crate::{DType, Law};

    #[test]
    fn impossible_requests_are_refused() {
        let fill = Fill::new(0, Law::Constant(1.0), DType::F16, 8).unwrap();
        let refused = |offset, limits| Plan::new(&fill, offset, &limits).unwrap_err();
        assert_eq!(
            refused(3, Capabilities::default()),
            Error::Device(DeviceError::Misaligned { offset: 3, alignment: 2 })
        );
        let too_small =
            Error::Device(DeviceError::Limit { limit: "max_storage_buffer_binding_size", value: 100, needed: 256 });
        assert_eq!(refused(0, limits(100, 256, 1)), too_small);
        let none =
            Error::Device(DeviceError::Limit { limit: "max_compute_workgroups_per_dimension", value: 0, needed: 1 });
        assert_eq!(refused(0, limits(1 << 20, 256, 0)), none);
    }
}
