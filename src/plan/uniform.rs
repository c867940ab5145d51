//! Uniform data of fills and updates.

use crate::arithmetic::generator::params::Params;
use crate::law::Table;
use crate::request::fill::Fill;
use crate::request::update::Update;

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
            block: [0; 2],
        }
    }

    /// What all dispatches of `update` have in common.
    pub(crate) fn of_update(update: &Update) -> Self {
        let [keep, least, limit] = update.factor();
        let (view, view_count) = update.elements_in_view().map_or(EVERYTHING, |view| view.words());
        Self { keep, least, limit, view, view_count, ..Self::of(update.fill()) }
    }
}
