//! The dispatches of a plan: windows of the destination, one after the other.

use std::ops::Range;

use crate::arithmetic::generator::params::Params;
use crate::plan::boxes::Boxes;
use crate::plan::dispatch::Dispatch;
use crate::plan::kernel::{Selection, WORKGROUP_SIZE};
use crate::plan::plan::{Plan, to_upper_word};

impl Plan {
    /// The dispatches, in order; each can run at any time, but not two at once that write to the same word, which
    /// happens where an index is a multiple of 2^34 or where groups of a slice's runs end.
    pub fn dispatches(&self) -> impl Iterator<Item = Dispatch> {
        let mut start = self.elements.start;
        std::iter::from_fn(move || {
            (start < self.elements.end).then(|| {
                let byte = self.byte(start);
                let binding_offset = byte / self.alignment * self.alignment;
                let room = (binding_offset + self.window - byte) / self.element_size;
                let fitting = self.boxes.as_ref().map_or(room, |boxes| boxes.fitting(start, room));
                let end = self.elements.end.min(start.saturating_add(fitting.min(self.to_next_part(start))));
                let dispatch = self.dispatch(binding_offset, start..end);
                start = end;
                dispatch
            })
        })
    }

    /// The byte at which an element begins.
    fn byte(&self, element: u64) -> u64 {
        let place = self.boxes.as_ref().and_then(|boxes| boxes.place(element));
        self.bytes.start + place.unwrap_or(element - self.elements.start) * self.element_size
    }

    /// Elements from this one on to the first whose block's number has another upper word, or which is in another box
    /// of a slice.
    fn to_next_part(&self, element: u64) -> u64 {
        self.boxes
            .as_ref()
            .map_or_else(|| to_upper_word(element), |boxes| boxes.to_end(element, self.kernel.selection()))
    }

    /// The dispatch for these elements, bound from `binding_offset` on.
    fn dispatch(&self, binding_offset: u64, elements: Range<u64>) -> Dispatch {
        let (start, end) = (self.byte(elements.start), self.byte(elements.end - 1) + self.element_size);
        let head = ((start - binding_offset) / self.element_size) as u32;
        let origin = elements.start.wrapping_sub(u64::from(head));
        let params = match &self.boxes {
            None => Params {
                origin: [origin as u32, (origin >> 32) as u32],
                block: [(origin >> 2) as u32, (elements.start >> 34) as u32],
                ..self.template
            },
            Some(boxes) => boxes.params(elements.start, self.template),
        };
        let params = Params { head, tail: head + (elements.end - elements.start) as u32, ..params };
        let invocations = if self.kernel.selection() == Selection::Runs {
            let items = if self.kernel.is_short() {
                Boxes::runs(&params)
            } else {
                Boxes::pieces(self.kernel.is_nested(), &params)
            };
            u64::from(items).div_ceil(if self.kernel.is_batched() { 4 } else { 1 })
        } else {
            // From the unit on in which the range begins.
            let unit = self.kernel.unit() * self.element_size;
            (end - binding_offset).div_ceil(unit) - (start - binding_offset) / unit
        };
        let groups = invocations.div_ceil(u64::from(WORKGROUP_SIZE));
        let columns = groups.min(u64::from(self.max_workgroups));
        let rows = groups.div_ceil(columns);
        Dispatch {
            binding_offset,
            binding_size: (end - binding_offset).next_multiple_of(4),
            workgroups: [columns as u32, rows as u32],
            params: Params { row: columns as u32 * WORKGROUP_SIZE, ..params },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::capabilities::{Capabilities, limits};
    use crate::{DType, Fill, Law};

    /// For every offset and limit: windows are aligned and within the limits, cover each element once and in order, and
    /// have an invocation for each unit.
    #[test]
    fn dispatches_tile_the_range() {
        for dtype in [DType::F32, DType::BF16, DType::F64, DType::F8E4M3] {
            let whole = Fill::new(0, Law::normal(0.0, 1.0), dtype, 1 << 40).unwrap();
            for (offset, range) in [
                (0, 0..1),
                (8, 0..5000),
                (264, 7..9999),
                (1000, (1 << 33) - 9..(1 << 33) + 70_000),
                (16, (1 << 34) - 80..(1 << 34) + 70_000),
                (8, (1 << 35) - 9..(1 << 35) + 9),
                (64, (1 << 34) - 80..(1 << 34) + 70_000),
                (128, 4..4 + 4096),
            ] {
                let default = Capabilities::default();
                for limits in [
                    limits(1024, 32, 4),
                    limits(4096, 256, 65535),
                    limits(5000, 64, 1),
                    default,
                    Capabilities { software: true, ..limits(1024, 32, 4) },
                    Capabilities { software: true, ..default },
                ] {
                    let plan = Plan::new(&whole.range(range.clone()).unwrap(), offset, &limits).unwrap();
                    let mut next = (offset, range.start);
                    for d in plan.dispatches() {
                        assert_eq!(d.binding_offset % u64::from(limits.min_storage_buffer_offset_alignment), 0);
                        assert!(d.binding_size <= limits.max_storage_buffer_binding_size);
                        assert!(d.workgroups.iter().all(|&n| n <= limits.max_compute_workgroups_per_dimension));
                        let (head, tail) = (u64::from(d.params.head), u64::from(d.params.tail));
                        // Cut as slices are, whose bits tests/plan.rs compares.
                        if plan.boxes.is_some() {
                            assert!(limits.software && range.start % 4 != offset / dtype.size() % 4);
                            next = (next.0 + (tail - head) * dtype.size(), next.1 + tail - head);
                            continue;
                        }
                        let origin = u64::from(d.params.origin[0]) | u64::from(d.params.origin[1]) << 32;
                        let first = (d.binding_offset + head * dtype.size(), origin.wrapping_add(head));
                        assert_eq!(first, next, "{dtype} {offset} {range:?} {limits:?}");
                        let invocations =
                            u64::from(d.workgroups[0]) * u64::from(d.workgroups[1]) * u64::from(WORKGROUP_SIZE);
                        let unit = plan.kernel().unit() * dtype.size();
                        assert!(head * dtype.size() / unit + invocations >= (tail * dtype.size()).div_ceil(unit));
                        let upper = [first.1, first.1 + tail - head - 1].map(|element| (element >> 34) as u32);
                        assert_eq!(upper, [d.params.block[1]; 2]);
                        assert_eq!(d.params.row, d.workgroups[0] * WORKGROUP_SIZE);
                        next = (first.0 + (tail - head) * dtype.size(), first.1 + tail - head);
                    }
                    assert_eq!(next.1, range.end);
                }
            }
        }
    }
}
