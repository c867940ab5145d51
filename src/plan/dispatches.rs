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
