//! Fills and updates that use every kernel between them: what a device, or another WebGPU implementation, is checked
//! with.

use std::collections::BTreeSet;

use crate::dtype::DType;
use crate::error::Result;
use crate::law::{Kind, Law, Math, Wave};
use crate::plan::{Capabilities, Kernel, Plan, StructureKind};
use crate::real::ldexp;
use crate::request::{Fill, Request, Slice, Structure, Update, View};

/// Elements of each fill at most: a few workgroups, with an unaligned tail.
pub const ELEMENTS: u64 = 4 * 1024 + 3;

/// A fill for every kernel, in each of its forms; of structures, those with elements of 32 and of 64 bits, since they
/// take elements as they are.
pub fn fills() -> Result<Vec<Fill>> {
    let mut fills = Vec::new();
    for kernel in Kernel::all() {
        let (dtype, structure) = (kernel.dtype(), kernel.structure());
        let options = kernel.options();
        // The other forms are those of other ranges of the same fill.
        let is_first = !kernel.is_whole() && (!options.shifted || structure != StructureKind::Dense);
        if !is_first || structure != StructureKind::Dense && !matches!(dtype.size(), 4 | 8) {
            continue;
        }
        // Types of one size share kernels, and have other bits.
        let alike = DType::ALL.into_iter().filter(|other| kernel.kind().dtype(*other) == dtype);
        for dtype in alike.filter(|dtype| dtype.is_float() == kernel.dtype().is_float()) {
            let law = law(kernel.kind(), options.centred, options.bounded, dtype)?;
            let [len, beginning] = if matches!(law, Law::Listed(_) | Law::Waves(_)) {
                [3 << 30, 3 << 29]
            } else {
                // From beyond 2^34, so that all four words of the counter count.
                [1 << 40, 1 << 36]
            };
            let whole = Fill::new("weightinit self-check", law, dtype, len)?.with_seed(0x0123_4567_89ab_cdef);
            let whole = whole.with_structure(self::structure(structure))?;
            if structure != StructureKind::Dense {
                fills.push(whole.range(beginning + 1..beginning + 512)?);
                continue;
            }
            // Aligned with an odd end, shifted, and whole units.
            let end = beginning + ELEMENTS;
            for range in [beginning..end, beginning + 1..end, beginning..beginning + 512] {
                fills.push(whole.range(range)?);
            }
        }
    }
    Ok(fills)
}

/// All of them, and slices, as requests.
pub fn requests() -> Result<Vec<Request>> {
    let fills_and_updates = fills()?.into_iter().map(Request::from).chain(updates()?.into_iter().map(Request::from));
    Ok(fills_and_updates.chain(slices()?).collect())
}

/// A law that takes the kernel of this kind, with or without centre and bounds, for elements of `dtype`.
fn law(kind: Kind, centred: bool, bounded: bool, dtype: DType) -> Result<Law> {
    let mean = if centred { 0.25 } else { 0.0 };
    Ok(match kind {
        Kind::Constant => Law::Constant(1.5),
        Kind::Bits => Law::Bits,
        Kind::Uniform if centred => Law::uniform(0.1, 0.7),
        // So close to symmetric that its centre is no normal number, where the type does not ask for bounds by itself.
        Kind::Uniform if bounded && dtype.sampled() == DType::F32 => {
            Law::uniform(-ldexp(1.0, -60), ldexp(1.0, -60).next_up())
        }
        Kind::Uniform => Law::uniform(-0.3, 0.3),
        Kind::Normal => Law::normal(mean, 0.7),
        Kind::NormalNative => Law::Normal { mean, std: 1.5, math: Math::Native },
        Kind::Quantile => Law::logistic(mean, 0.7)?,
        Kind::SymmetricQuantile if bounded => Law::truncated_normal(mean, 0.7, mean - 1.4, mean + 1.4)?,
        Kind::SymmetricQuantile => Law::normal_quantile(mean, 0.7)?,
        Kind::Listed => Law::listed([0.5, -1.25, 3.0])?,
        Kind::Wave | Kind::Gather => Law::waves_by_column([
            Wave::of_radians(0.5, 0),
            Wave::of_radians(1e-4, Wave::QUARTER),
            Wave::of_turns(3, 7, 1 << 29),
        ])?,
    })
}

/// Those of `requests` that between them use every file of `shaders/` and every option that all of them use on
/// `device`: each time the one with most that those before it have not, so that the first few have most.
pub fn cover(requests: Vec<Request>, device: &Capabilities) -> Result<Vec<Request>> {
    let mut left = Vec::new();
    for request in requests {
        if !matches!(request, Request::Orthogonal(_)) {
            let kernel = Plan::of_request(&request, 0, device)?.0.kernel();
            left.push((kernel.pieces().into_iter().collect::<BTreeSet<_>>(), request));
        }
    }
    let mut chosen = Vec::new();
    // Of several the first, which is the last that `max_by_key` sees.
    while let Some(most) = (0..left.len()).rev().max_by_key(|index| left[*index].0.len()) {
        let (pieces, request) = left.swap_remove(most);
        chosen.push(request);
        left.iter_mut().for_each(|(others, _)| others.retain(|piece| !pieces.contains(piece)));
        left.retain(|(others, _)| !others.is_empty());
    }
    Ok(chosen)
}

/// An update for every kernel of updates.
pub fn updates() -> Result<Vec<Update>> {
    let mut updates = Vec::new();
    for dtype in DType::FLOATS {
        // A tensor of several rows, of which the view has some columns.
        let shape = [1 << 20, 1000];
        let view = View::new(&shape, 1, 17..900)?.with_step(3)?;
        for law in [Law::Constant(0.75), Law::normal(0.25, 0.7)] {
            let whole = Fill::new(9, law, dtype, shape[0] * shape[1])?.with_seed(0x0123_4567_89ab_cdef);
            for start in [1 << 25, (1 << 25) + 1] {
                let fill = whole.range(start..start + ELEMENTS)?;
                updates.push(Update::replace(fill.clone()).with_view(view)?);
                if Update::computes_with(dtype) {
                    updates.push(Update::blend(-0.9, fill)?.with_view(view)?);
                }
            }
        }
    }
    Ok(updates)
}

/// A slice for every kernel of slices: of short runs, longer ones, whole blocks and whole batches, in a matrix and in a
/// stack of matrices, all of it and with odd ends.
pub fn slices() -> Result<Vec<Request>> {
    let mut slices = Vec::new();
    // Columns of 64 rows, all of them and without the first few elements and the last ones.
    let mut add = |whole: &Request, shape: [u64; 2], start: u64, columns: [u64; 2], first: u64| -> Result<()> {
        let ([rows, width], [column, size]) = (shape, columns);
        let matrix = Slice::new(&[rows, width], &[start, column], &[64, size])?;
        let stack = Slice::new(&[rows / 8, 8, width], &[start / 8, 3, column], &[16, 4, size])?;
        // What stacks of short runs do otherwise they do whatever the length: the longest stand for all.
        for slice in [matrix].into_iter().chain(Some(stack).filter(|_| size >= 5)) {
            let slice = whole.slice(&slice)?;
            slices.extend([slice.range(first..64 * size - first + 1)?, slice]);
        }
        Ok(())
    };
    let any = [[17, 6], [16, 40], [16, 48]];
    let short = (16..20).flat_map(|column| (1..=5).map(move |size| [column, size]));
    for dtype in DType::FLOATS {
        let shape = [1 << 30, 1008];
        let whole = Fill::new(9, Law::normal(0.25, 0.7), dtype, shape[0] * shape[1])?.with_seed(0x0123_4567_89ab_cdef);
        if Update::computes_with(dtype) {
            let update = Update::blend(-0.9, whole.clone())?.into();
            any.iter().try_for_each(|columns| add(&update, shape, 1 << 25, *columns, 4))?;
        }
        let whole = whole.into();
        any.iter().try_for_each(|columns| add(&whole, shape, 1 << 25, *columns, 4))?;
        // Other types have no kernels of their own for them.
        if matches!(dtype.size(), 2 | 4) {
            short.clone().try_for_each(|columns| add(&whole, shape, 1 << 25, columns, 2))?;
        }
    }
    for dtype in Kind::Constant.dtypes() {
        let shape = [1 << 20, 1 << 20];
        let whole = Fill::new(9, Law::Constant(1.5), dtype, shape[0] * shape[1])?;
        let whole = whole.with_structure(structure(StructureKind::Diagonal))?.into();
        any.iter().try_for_each(|columns| add(&whole, shape, 1 << 17, *columns, 4))?;
    }
    Ok(slices)
}

/// A structure of this kind, for a matrix of 2^20 rows and columns.
fn structure(kind: StructureKind) -> Structure {
    let (columns, rows) = (1 << 20, 1 << 20);
    match kind {
        StructureKind::Dense => Structure::Dense,
        StructureKind::Diagonal => Structure::Diagonal { columns, period: 3, step: 5, offset: 2 },
        StructureKind::Blocks => Structure::Blocks { columns, block_rows: 7, block_columns: 100 },
        StructureKind::OtherRows => Structure::OtherRows { columns, row: 1 << 16 },
        StructureKind::Sparse => Structure::Sparse { columns, rows, zeros: rows / 2 },
        StructureKind::Toeplitz => Structure::Toeplitz { columns, rows },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "minutes for each table")]
    fn every_kernel_is_used() {
        let fills = fills().unwrap();
        let plan = |software| {
            let device = Capabilities { software, ..Capabilities::default() };
            fills.iter().map(move |fill| Plan::new(fill, 0, &device).unwrap().kernel())
        };
        let checked: BTreeSet<_> = plan(false).chain(plan(true)).collect();
        let of_structure =
            |kernel: &Kernel| kernel.structure() == StructureKind::Dense || matches!(kernel.dtype().size(), 4 | 8);
        let missing = Kernel::all().filter(of_structure).filter(|kernel| !checked.contains(kernel));
        let update = |update: &Update| Plan::of_update(update, 0, &Capabilities::default()).unwrap().kernel();
        let updated: BTreeSet<_> = updates().unwrap().iter().map(update).collect();
        let missing = missing.chain(Kernel::updates().filter(|kernel| !updated.contains(kernel)));
        let slices = slices().unwrap();
        let sliced = |software| {
            let device = Capabilities { software, ..Capabilities::default() };
            slices.iter().map(move |request| Plan::of_request(request, 0, &device).unwrap().0.kernel())
        };
        let sliced: BTreeSet<_> = sliced(false).chain(sliced(true)).collect();
        let missing = missing.chain(Kernel::slices().filter(|kernel| !sliced.contains(kernel)));
        let missing: Vec<_> = missing.map(Kernel::name).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// A cover is a small part, and leaves no file out.
    #[test]
    #[cfg_attr(miri, ignore = "minutes for each table")]
    fn a_cover_has_every_file() {
        let all = requests().unwrap();
        for software in [false, true] {
            let device = Capabilities { software, int64: software, ..Capabilities::default() };
            let cover = cover(all.clone(), &device).unwrap();
            assert!(cover.len() < 25, "{}", cover.len());
            let pieces = |requests: &[Request]| -> BTreeSet<_> {
                let kernel = |request| Plan::of_request(request, 0, &device).unwrap().0.kernel();
                requests.iter().flat_map(|request| kernel(request).pieces()).collect()
            };
            assert_eq!(pieces(&cover), pieces(&all));
        }
    }
}
