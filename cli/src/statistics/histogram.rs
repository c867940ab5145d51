//! A histogram that serves every law: cells by a number's own sign, exponent and 11 bits of its fraction.
//!
//! It holds each value of the types of 8 and 16 bits apart, and those of wider types to 2^-12 of themselves, whatever
//! their scale, so that a law need not be known before the elements are seen.

/// Bits of an f32 that a cell does not tell apart.
const DROPPED_BITS: u32 = 12;
/// Cells of one sign and exponent: a page, which costs memory only where elements are.
const PAGE: usize = 1 << 11;
const PAGES: usize = 1 << 9;

/// Counts in cells, numbered in the order of their numbers.
pub(crate) struct Histogram {
    pages: Vec<Vec<u64>>,
}

impl Histogram {
    pub(crate) const CELLS: u32 = (PAGE * PAGES) as u32;

    pub(crate) fn new() -> Self {
        Self { pages: vec![Vec::new(); PAGES] }
    }

    /// The cell of a number; what is beyond f32 is in the outermost ones.
    pub(crate) fn cell(x: f64) -> u32 {
        // −0 is 0, and rounding must not move a number into the next cell.
        let near = (x + 0.0) as f32;
        let floor = if f64::from(near) > x { near.next_down() } else { near };
        let bits = floor.clamp(f32::MIN, f32::MAX).to_bits();
        let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
        ordered >> DROPPED_BITS
    }

    /// Counts a finite number.
    pub(crate) fn add(&mut self, x: f64) {
        let cell = Self::cell(x) as usize;
        let page = &mut self.pages[cell / PAGE];
        if page.is_empty() {
            page.resize(PAGE, 0);
        }
        page[cell % PAGE] += 1;
    }

    /// How many numbers are in cells from `cells.start` to `cells.end` − 1.
    pub(crate) fn count(&self, cells: std::ops::Range<u32>) -> u64 {
        let (start, end) = (cells.start as usize, cells.end as usize);
        let pages = self.pages.iter().enumerate().filter(|(_, page)| !page.is_empty());
        let counts = pages.map(|(number, page)| {
            let inside = |cell: usize| cell.saturating_sub(number * PAGE).min(PAGE);
            page[inside(start)..inside(end)].iter().sum::<u64>()
        });
        counts.sum()
    }
}

/// The smallest number of a cell.
pub(crate) fn edge(cell: u32) -> f64 {
    let ordered = cell << DROPPED_BITS;
    let bits = if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered };
    f64::from(f32::from_bits(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(x: f64) -> u32 {
        Histogram::cell(x)
    }

    #[test]
    fn cells_begin_at_their_edges() {
        for x in [0.0, 1.0, -1.0, 3.5e-3, -7e20, 1e-40, f64::from(f32::MAX), 0.1] {
            let own = cell(x);
            assert!(edge(own) <= x && x < edge(own + 1), "{x}: {} {}", edge(own), edge(own + 1));
            assert_eq!(cell(edge(own)), own);
            assert_eq!(cell(edge(own + 1).next_down()), own);
        }
        assert_eq!(cell(-0.0), cell(0.0));
        assert_eq!((cell(1e300), cell(-1e300)), (cell(f64::from(f32::MAX)), cell(f64::from(f32::MIN))));
    }

    /// Neighbours among the values of short types are never in one cell.
    #[test]
    fn short_types_are_held_apart() {
        for pair in (0..0x7bffu16).map(|bits| [bits, bits + 1].map(|bits| weightinit::DType::F16.value(bits.into()))) {
            assert!(cell(pair[0]) < cell(pair[1]) && cell(-pair[0]) > cell(-pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn counts_are_those_of_the_numbers() {
        let mut histogram = Histogram::new();
        let numbers = [-2.0, -1.0, -1.0, 0.0, 1.0, 1.25, 1e10];
        numbers.into_iter().for_each(|x| histogram.add(x));
        assert_eq!(histogram.count(0..Histogram::CELLS), 7);
        assert_eq!(histogram.count(cell(-1.0)..cell(1.25)), 4);
        assert_eq!(histogram.count(0..cell(0.0)), 3);
    }
}
