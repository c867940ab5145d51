//! Boxes: a slice as `shaders/unit/slice.wgsl` finds its elements, by 32-bit numbers within a dispatch.

use crate::arithmetic::generator::params::Params;
use crate::arithmetic::unit::slice::quotient;
use crate::arithmetic::unit::slice_pieces::{blocks_before, blocks_of_four, blocks_to, first_piece};
use crate::plan::kernel::Selection;
use crate::plan::short::Short;
use crate::request::slice::{Level, Slice};

/// Most elements of a dispatch, and of the run or group in which it begins: their numbers are below 2^31.
const MOST: u64 = 1 << 30;

/// More runs or groups than a dispatch has.
const ALL: u32 = (1 << 31) - 1;

/// Levels around a run that a shader knows.
const LEVELS: usize = 3;

/// Those that it knows where elements do not lie together in the destination.
const LEVELS_APART: usize = 1;

/// A slice as boxes of runs at some levels of distances. Slices of tensors of up to four axes are one box, but for
/// tensors whose rows are longer than 32 bits count; into a box of the destination those of matrices are.
#[derive(Clone, Debug)]
pub(super) struct Boxes {
    slice: Slice,
    /// How many of the slice's levels are inside of a box.
    levels: usize,
    /// Elements of the outermost of these.
    group: u64,
    /// Elements of a box, if there may be several.
    size: Option<u64>,
    /// The index in the tensor of what counts as its first element.
    shift: u64,
    /// Most elements of a dispatch where runs are not whole blocks.
    most: u64,
}

impl Boxes {
    /// Of a slice with at least one element, in a tensor whose element `shift` counts as its first, for dispatches of
    /// so many invocations at most.
    pub(super) fn new(slice: &Slice, shift: u64, invocations: u64) -> Self {
        let (mut levels, mut group, mut size) = (0, 1, slice.run());
        let known = if slice.destination().is_some() { LEVELS_APART } else { LEVELS };
        for level in slice.levels() {
            if levels == known || level.pitch > u64::from(u32::MAX) || size > MOST {
                break;
            }
            (levels, group, size) = (levels + 1, size, size.saturating_mul(level.count));
        }
        let size = (levels < slice.levels().len()).then_some(size);
        // Of n elements there are n + 1 pieces at most: each has one, but for that of a nested run which is cut. Whole
        // words of short elements stay together.
        let most = (invocations.saturating_sub(1) & !1).clamp(2, MOST);
        Self { slice: slice.clone(), levels, group, size, shift, most }
    }

    /// All bits of what must be a multiple of a number so that every run is a multiple of as many elements, and begins
    /// at one.
    pub(super) fn parts(&self) -> u64 {
        self.slice.run() | self.first() | self.pitches()
    }

    /// The index in the tensor of its first element.
    fn first(&self) -> u64 {
        self.slice.source(0).wrapping_sub(self.shift)
    }

    /// All bits of the distances of runs.
    fn pitches(&self) -> u64 {
        self.slice.levels().iter().fold(0, |all, level| all | level.pitch)
    }

    /// Its runs, if they are short and a dispatch has several.
    pub(super) fn short(&self) -> Option<Short> {
        Short::of(self.slice.run(), self.first(), self.pitches()).filter(|_| self.levels > 0)
    }

    /// Whether runs are in groups.
    pub(super) fn is_nested(&self) -> bool {
        self.levels > 1
    }

    /// Elements of a box, if there may be several.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Whether its elements lie together in the destination.
    pub(super) fn is_compact(&self) -> bool {
        self.slice.destination().is_none()
    }

    /// Elements of the destination that its box is in, if its elements do not lie together.
    pub(super) fn span(&self) -> Option<u64> {
        self.slice.destination().map(Slice::tensor_len)
    }

    /// Where the element with this number in the slice goes, of those that do not lie together.
    pub(super) fn place(&self, position: u64) -> Option<u64> {
        self.slice.destination().map(|destination| destination.source(position))
    }

    /// All bits of the runs' places, and of their length, in a destination whose first element is number `offset` of
    /// the binding's, if they do not lie together.
    pub(super) fn places(&self, offset: u64) -> u64 {
        let Some(destination) = self.slice.destination() else { return 0 };
        let places = self.slice.levels().iter().map(|level| level.place);
        places.fold(self.slice.run() | (destination.source(0) + offset), |places, place| places | place)
    }

    /// How many elements from the one with this number on go to the `room` places from its own on, as far as the box.
    pub(super) fn fitting(&self, position: u64, room: u64) -> u64 {
        let Some(level) = self.slice.levels().first().filter(|_| !self.is_compact()) else { return room };
        let run = self.slice.run();
        let column = position % run;
        let rows = (room + column).checked_sub(run).map_or(0, |rest| rest / level.place + 1);
        if rows == 0 { room } else { rows * run - column }
    }

    /// Elements from the one with this number in the slice to the end of its box, or as many as a dispatch has at most.
    pub(super) fn to_end(&self, position: u64, selection: Selection) -> u64 {
        let most = if selection == Selection::Runs { self.most } else { MOST };
        self.size.map_or(most, |size| (size - position % size).min(most))
    }

    /// The parameters of a dispatch whose first element has this number in the slice; where it writes is still open.
    pub(super) fn params(&self, position: u64, template: Params) -> Params {
        let start = position % self.group;
        let origin = self.slice.source(position - start).wrapping_sub(self.shift);
        let levels = &self.slice.levels()[..self.levels];
        // The outermost goes on for as long as the dispatch does.
        let count = |index: usize| levels[..levels.len().saturating_sub(1)].get(index).map(|level| level.count as u32);
        let pitch = |index: usize| levels.get(index).map_or(0, |Level { pitch, .. }| *pitch as u32);
        let run = if levels.is_empty() { MOST as u32 } else { self.slice.run() as u32 };
        // Runs at a distance that a binding does not hold are each alone in a dispatch.
        let place = levels.first().map_or(run, |level| level.place as u32);
        let [first, second] = [(0, place), (1, ALL)].map(|(index, otherwise)| count(index).unwrap_or(otherwise));
        Params {
            origin: [origin as u32, (origin >> 32) as u32],
            view: [run, first, pitch(0), second],
            view_count: pitch(1),
            block: [pitch(2), start as u32],
            ..template
        }
    }

    /// Runs of a dispatch with these parameters, all or some of each, and one before: see
    /// shaders/unit/short_16_batch.wgsl.
    pub(super) fn runs(params: &Params) -> u32 {
        let [start, end] = [params.block[1], params.block[1] + params.tail - params.head];
        end.div_ceil(params.view[0]) - start / params.view[0] + 1
    }

    /// Pieces of a dispatch with these parameters, at most: its invocations, or as many times as they do several, where
    /// its runs are not whole blocks.
    pub(super) fn pieces(nested: bool, params: &Params) -> u32 {
        let [start, count] = [params.block[1], params.tail - params.head];
        let [first_run, last_run] = [start, start + count - 1].map(|number| quotient(number, params.view[0]));
        let blocks = blocks_of_four(nested, params);
        let fours = (last_run - (first_run & !3)) / 4;
        let last = blocks_to(nested, params, last_run, start + count - last_run * params.view[0]);
        let end = fours * blocks_before(blocks, 4) + blocks_before(blocks, last_run & 3) + last;
        end - first_piece(nested, params, blocks, first_run)
    }
}
