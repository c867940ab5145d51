//! Plans: which dispatches of which kernel, with which words of uniform data, fill a range of a buffer. No wgpu types,
//! so that whoever has another WebGPU implementation can run them.

use crate::error::{Error, Result};
use crate::fill::Fill;
use crate::law::Table;
use crate::shaders::{Kernel, WORKGROUP_SIZE};
use crate::structure::Structure;
use crate::update::Update;

/// Bytes of a unit, which one invocation writes: four 64-bit elements, or 16 bytes of others.
const fn unit(element_size: u64) -> u64 {
    if element_size == 8 { 32 } else { 16 }
}

/// Vulkan clamps bindings to this, whatever limit a device claims.
const MAX_BINDING: u64 = (1 << 31) - 1;

/// What a device can do, as far as it shapes a plan. Limits go by their WebGPU names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Largest part of a buffer that a shader sees, in bytes.
    pub max_storage_buffer_binding_size: u64,
    /// What the offset of such a part must be a multiple of, in bytes.
    pub min_storage_buffer_offset_alignment: u32,
    /// Most workgroups in a dimension of a dispatch.
    pub max_compute_workgroups_per_dimension: u32,
    /// Whether shaders have 64-bit integers.
    pub int64: bool,
    /// Whether [`Params`] fit into immediates.
    pub immediates: bool,
}

impl Default for Capabilities {
    /// What every WebGPU device has.
    fn default() -> Self {
        Self {
            max_storage_buffer_binding_size: 128 << 20,
            min_storage_buffer_offset_alignment: 256,
            max_compute_workgroups_per_dimension: 65_535,
            int64: false,
            immediates: false,
        }
    }
}

/// The uniform data of a dispatch: `Params` of `shaders/params.wgsl`, word for word.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Params {
    /// The seed: low and high word.
    pub key: [u32; 2],
    /// Upper half of every counter.
    pub stream: [u32; 2],
    /// Index of the element in slot 0 of the binding, modulo 2^64: low and high word.
    pub origin: [u32; 2],
    /// First slot to write; slots count elements from the binding's start.
    pub head: u32,
    /// One past the last slot to write.
    pub tail: u32,
    /// Invocations in one row of workgroups.
    pub row: u32,
    /// 0, which the shader's compiler must not know.
    pub zero: u32,
    /// Bits of one element, for constants.
    pub pattern: u32,
    /// Their upper half, for elements of 64 bits.
    pub pattern_high: u32,
    /// Factor of the standard sample.
    pub scale: f32,
    /// Added after scaling.
    pub centre: f32,
    /// Smallest sample.
    pub low: f32,
    /// Largest sample.
    pub high: f32,
    /// A quantile table has 2^`segment_bits` segments an octave.
    pub segment_bits: u32,
    /// Columns of the matrix, if the fill is one; elements of a list.
    pub columns: u32,
    /// Factor of what an element was before, in an update.
    pub keep: f32,
    /// Below this magnitude it counts as 0.
    pub least: f32,
    /// Numbers of the matrix's structure.
    pub structure: [u32; 4],
    /// Which elements an update concerns: see `shaders/view.wgsl`.
    pub view: [u32; 4],
    /// Places of the view.
    pub view_count: u32,
    /// Above this magnitude what an element was before counts as this.
    pub limit: f32,
    /// 0.
    pub reserved: [u32; 2],
}

/// The view of all elements: an axis of one place.
const EVERYTHING: ([u32; 4], u32) = ([1, 1, 0, 1], 1);

impl Params {
    /// What all dispatches of `fill` have in common; where they write is still open.
    pub fn of(fill: &Fill) -> Self {
        let sampler = fill.sampler();
        let (low, high) = sampler.bounds.unwrap_or_default();
        // Laws that are matrices themselves have no structure.
        let (columns, structure) = match fill.structure().columns() {
            Some(columns) => (columns as u32, fill.structure().words()),
            None => (sampler.columns, sampler.structure),
        };
        Self {
            key: fill.key(),
            stream: fill.stream_words(),
            origin: [0; 2],
            head: 0,
            tail: 0,
            row: 0,
            zero: 0,
            pattern: sampler.pattern as u32,
            pattern_high: (sampler.pattern >> 32) as u32,
            scale: sampler.scale,
            centre: sampler.centre,
            low,
            high,
            segment_bits: sampler.table.as_ref().map_or(0, Table::segment_bits),
            columns,
            keep: 0.0,
            least: 0.0,
            structure,
            view: [0; 4],
            view_count: 0,
            limit: 0.0,
            reserved: [0; 2],
        }
    }

    /// What all dispatches of `update` have in common.
    pub(crate) fn of_update(update: &Update) -> Self {
        let [keep, least, limit] = update.factor();
        let (view, view_count) = update.elements_in_view().map_or(EVERYTHING, |view| view.words());
        Self { keep, least, limit, view, view_count, ..Self::of(update.fill()) }
    }

    /// The bytes that the shader reads, little endian.
    pub fn to_le_bytes(&self) -> [u8; size_of::<Self>()] {
        let words: [u32; size_of::<Self>() / 4] = bytemuck::cast(*self);
        bytemuck::cast(words.map(u32::to_le))
    }
}

/// One dispatch over one window of the destination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dispatch {
    /// First byte of the binding in the destination buffer.
    pub binding_offset: u64,
    /// Bytes of the binding.
    pub binding_size: u64,
    /// Workgroups in x and y; z is 1.
    pub workgroups: [u32; 2],
    /// Uniform data.
    pub params: Params,
}

/// What is bound, by its name in WebGPU's `GPUBufferBindingType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingKind {
    /// [`Params`], in a uniform buffer.
    Uniform,
    /// The destination, read and written.
    Storage,
    /// The law's table: [`Table::words`].
    ReadOnlyStorage,
}

impl BindingKind {
    /// The name in WebGPU: `uniform`, `storage` or `read-only-storage`.
    pub const fn name(self) -> &'static str {
        match self {
            BindingKind::Uniform => "uniform",
            BindingKind::Storage => "storage",
            BindingKind::ReadOnlyStorage => "read-only-storage",
        }
    }
}

/// One entry of a dispatch's bind group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its number in the WGSL.
    pub binding: u32,
    /// What is bound.
    pub kind: BindingKind,
    /// First byte of the buffer that is bound.
    pub offset: u64,
    /// Bytes that are bound.
    pub size: u64,
}

/// The dispatches that fill `byte_count` bytes of a buffer from `byte_offset` on.
///
/// ```
/// use wginit::plan::{Capabilities, Plan};
/// use wginit::{DType, Fill, Law};
///
/// let fill = Fill::new(Law::uniform(-1.0, 1.0), DType::F32, 1 << 26)?;
/// let plan = Plan::new(&fill, 4, &Capabilities::default())?;
/// assert_eq!(plan.kernel().name(), "uniform_f32_shifted");
/// assert_eq!(plan.dispatches().count(), 3); // 256 MiB from byte 4 on, in windows of 128 MiB
/// # Ok::<(), wginit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    kernel: Kernel,
    template: Params,
    first_element: u64,
    bytes: std::ops::Range<u64>,
    element_size: u64,
    window: u64,
    alignment: u64,
    max_workgroups: u32,
    table_size: u64,
}

impl Plan {
    /// Plans `fill` into a buffer from `byte_offset` on, for a device of these capabilities.
    ///
    /// # Errors
    /// [`Error::Misaligned`] if the offset is not a multiple of the element's size, [`Error::DeviceLimit`] if the limits
    /// leave no room for a window, [`Error::TooManyElements`] if the range does not end within 64 bits.
    pub fn new(fill: &Fill, byte_offset: u64, device: &Capabilities) -> Result<Self> {
        Self::of(fill, Kernel::of(fill), Params::of(fill), byte_offset, device)
    }

    /// Plans `update` of the elements that a buffer holds from `byte_offset` on. There may be no dispatches, if none of them
    /// is in the update's view.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub fn of_update(update: &Update, byte_offset: u64, device: &Capabilities) -> Result<Self> {
        let (fill, kernel, params) = (update.fill(), Kernel::of_update(update), Params::of_update(update));
        let Some((concerned, skipped)) = update.concerned()? else {
            let first = fill.elements().start;
            let none = Self::of(&fill.range(first..first + 1)?, kernel, params, byte_offset, device)?;
            return Ok(Self { bytes: byte_offset..byte_offset, ..none });
        };
        let offset = byte_offset.checked_add(skipped).ok_or_else(|| fill.too_many())?;
        Self::of(&concerned, kernel, params, offset, device)
    }

    fn of(fill: &Fill, kernel: Kernel, template: Params, byte_offset: u64, device: &Capabilities) -> Result<Self> {
        let element_size = fill.dtype().size();
        let unit = unit(element_size);
        if !byte_offset.is_multiple_of(element_size) {
            return Err(Error::Misaligned { offset: byte_offset, alignment: element_size });
        }
        let end = byte_offset
            .checked_add(fill.byte_count())
            .filter(|end| *end <= u64::MAX - unit)
            .ok_or_else(|| fill.too_many())?;
        let alignment = u64::from(device.min_storage_buffer_offset_alignment).max(unit);
        let max_workgroups = device.max_compute_workgroups_per_dimension;
        let invocations = u64::from(max_workgroups).pow(2).saturating_mul(u64::from(WORKGROUP_SIZE));
        let binding = device.max_storage_buffer_binding_size.min(MAX_BINDING).min(invocations.saturating_mul(unit));
        let window = binding / alignment * alignment;
        if window == 0 {
            let (limit, value) = if max_workgroups == 0 {
                ("max_compute_workgroups_per_dimension", 0)
            } else {
                ("max_storage_buffer_binding_size", device.max_storage_buffer_binding_size)
            };
            let needed = if max_workgroups == 0 { 1 } else { alignment };
            return Err(Error::DeviceLimit { limit, value, needed });
        }
        let first_element = fill.elements().start;
        // Windows begin at multiples of the alignment, a multiple of a block's 4 elements: one shift serves them all.
        let first_slot = byte_offset / element_size;
        let dense = fill.structure() == Structure::Dense;
        let shifted = kernel.can_shift() && !(dense && first_element % 4 == first_slot % 4);
        let kernel = Kernel {
            shifted,
            whole: kernel.has_whole()
                && !shifted
                && byte_offset.is_multiple_of(unit)
                && fill.byte_count().is_multiple_of(unit),
            int64: kernel.multiplies() && device.int64,
            immediates: device.immediates,
            ..kernel
        };
        let bytes = byte_offset..end;
        let table = fill.sampler().table.as_ref();
        let table_size = table.map_or(0, |table| size_of_val(table.words()) as u64);
        Ok(Self { kernel, template, first_element, bytes, element_size, window, alignment, max_workgroups, table_size })
    }

    /// The kernel of every dispatch.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// The destination's bytes as the bindings must cover them: up to a whole word at the end.
    pub fn bytes(&self) -> std::ops::Range<u64> {
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

    /// The dispatches, in order; each can run at any time.
    pub fn dispatches(&self) -> impl Iterator<Item = Dispatch> {
        let mut start = self.bytes.start;
        std::iter::from_fn(move || {
            (start < self.bytes.end).then(|| {
                let binding_offset = start / self.alignment * self.alignment;
                let end = self.bytes.end.min(binding_offset + self.window);
                let dispatch = self.dispatch(binding_offset, start, end);
                start = end;
                dispatch
            })
        })
    }

    /// The dispatch for bytes `start..end`, bound from `binding_offset` on.
    fn dispatch(&self, binding_offset: u64, start: u64, end: u64) -> Dispatch {
        let slot = |byte: u64| ((byte - binding_offset) / self.element_size) as u32;
        let element = self.first_element + (start - self.bytes.start) / self.element_size;
        let origin = element.wrapping_sub(u64::from(slot(start)));
        let groups = (end - binding_offset).div_ceil(unit(self.element_size)).div_ceil(u64::from(WORKGROUP_SIZE));
        let columns = groups.min(u64::from(self.max_workgroups));
        let rows = groups.div_ceil(columns);
        Dispatch {
            binding_offset,
            binding_size: (end - binding_offset).next_multiple_of(4),
            workgroups: [columns as u32, rows as u32],
            params: Params {
                origin: [origin as u32, (origin >> 32) as u32],
                head: slot(start),
                tail: slot(end),
                row: columns as u32 * WORKGROUP_SIZE,
                ..self.template
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DType, Law};

    fn limits(binding: u64, alignment: u32, workgroups: u32) -> Capabilities {
        Capabilities {
            max_storage_buffer_binding_size: binding,
            min_storage_buffer_offset_alignment: alignment,
            max_compute_workgroups_per_dimension: workgroups,
            ..Capabilities::default()
        }
    }

    /// For every offset and limit: windows are aligned and within the limits, cover each element once and in order, and
    /// have an invocation for each unit.
    #[test]
    fn dispatches_tile_the_range() {
        for dtype in [DType::F32, DType::BF16, DType::F64, DType::F8E4M3] {
            let whole = Fill::new(Law::normal(0.0, 1.0), dtype, 1 << 40).unwrap();
            for (offset, range) in [(0, 0..1), (8, 0..5000), (264, 7..9999), (1000, (1 << 33) - 9..(1 << 33) + 70_000)]
            {
                for limits in
                    [limits(1024, 32, 4), limits(4096, 256, 65535), limits(5000, 64, 1), Capabilities::default()]
                {
                    let plan = Plan::new(&whole.range(range.clone()).unwrap(), offset, &limits).unwrap();
                    let mut next = (offset, range.start);
                    for d in plan.dispatches() {
                        assert_eq!(d.binding_offset % u64::from(limits.min_storage_buffer_offset_alignment), 0);
                        assert!(d.binding_size <= limits.max_storage_buffer_binding_size);
                        assert!(d.workgroups.iter().all(|&n| n <= limits.max_compute_workgroups_per_dimension));
                        let (head, tail) = (u64::from(d.params.head), u64::from(d.params.tail));
                        let origin = u64::from(d.params.origin[0]) | u64::from(d.params.origin[1]) << 32;
                        let first = (d.binding_offset + head * dtype.size(), origin.wrapping_add(head));
                        assert_eq!(first, next, "{dtype} {offset} {range:?} {limits:?}");
                        let invocations = u64::from(d.workgroups[0]) * u64::from(d.workgroups[1]) * 64;
                        assert!(invocations * unit(dtype.size()) >= tail * dtype.size());
                        assert_eq!(d.params.row, d.workgroups[0] * 64);
                        next = (first.0 + (tail - head) * dtype.size(), first.1 + tail - head);
                    }
                    assert_eq!(next.1, range.end);
                }
            }
        }
    }

    #[test]
    fn impossible_requests_are_refused() {
        let fill = Fill::new(Law::Constant(1.0), DType::F16, 8).unwrap();
        let refused = |offset, limits| Plan::new(&fill, offset, &limits).unwrap_err();
        assert_eq!(refused(3, Capabilities::default()), Error::Misaligned { offset: 3, alignment: 2 });
        let too_small = Error::DeviceLimit { limit: "max_storage_buffer_binding_size", value: 100, needed: 256 };
        assert_eq!(refused(0, limits(100, 256, 1)), too_small);
        let none = Error::DeviceLimit { limit: "max_compute_workgroups_per_dimension", value: 0, needed: 1 };
        assert_eq!(refused(0, limits(1 << 20, 256, 0)), none);
    }
}
