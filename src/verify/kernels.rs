//! Fills and updates that use every kernel between them: what a device, or another WebGPU implementation, is checked with.

use crate::dtype::DType;
use crate::error::Result;
use crate::law::{Law, Math, Wave};
use crate::real;
use crate::request::fill::Fill;
use crate::request::structure::Structure;
use crate::request::{Update, View};

/// Elements of each fill at most: a few workgroups, with an unaligned tail.
pub const ELEMENTS: u64 = 4 * 1024 + 3;

/// A fill for every kernel: every law with and without centre, every type, aligned and shifted;
/// every structure with elements of 32 and of 64 bits.
pub fn fills() -> Result<Vec<Fill>> {
    let native = |mean| Law::Normal { mean, std: 1.5, math: Math::Native };
    let floats = [
        Law::Constant(1.5),
        Law::uniform(-0.3, 0.3),
        Law::uniform(0.1, 0.7),
        // So close to symmetric that its centre is no normal number.
        Law::uniform(-real::ldexp(1.0, -60), real::ldexp(1.0, -60).next_up()),
        Law::normal(0.0, 0.7),
        Law::normal(0.25, 0.7),
        native(0.0),
        native(0.25),
        Law::truncated_normal(0.0, 0.7, -1.4, 1.4)?,
        Law::truncated_normal(0.25, 0.7, -1.15, 1.65)?,
    ];
    let pairs = floats.iter().flat_map(|law| DType::FLOATS.map(|dtype| (law.clone(), dtype)));
    let mut fills = Vec::new();
    for (law, dtype) in pairs.chain([(Law::Bits, DType::U32)]) {
        // 2^-60 is 0 in types with a short exponent.
        let tiny = matches!(law, Law::Uniform { high, .. } if high < 1e-6);
        if tiny && dtype.least() > 1e-18 {
            continue;
        }
        // From beyond 2^34, so that all four words of the counter count.
        let whole = Fill::new("weightinit self-check", law, dtype, 1 << 40)?.with_seed(0x0123_4567_89ab_cdef);
        // Aligned with an odd end, shifted, and whole units.
        let beginning = 1 << 36;
        for range in [beginning..beginning + ELEMENTS, beginning + 1..beginning + ELEMENTS, beginning..beginning + 512]
        {
            fills.push(whole.range(range)?);
        }
        // A structure takes elements as they are: what is 0 in 64 bits is all that a type adds.
        if matches!(dtype, DType::F32 | DType::F64 | DType::U32) {
            for structure in structures() {
                fills.push(whole.clone().with_structure(structure)?.range(beginning + 1..beginning + 512)?);
            }
        }
    }
    let waves = [Wave::of_radians(0.5, 0), Wave::of_radians(1e-4, Wave::QUARTER), Wave::of_turns(3, 7, 1 << 29)];
    for (law, dtype) in [Law::listed([0.5, -1.25, 3.0])?, Law::waves_by_column(waves)?]
        .iter()
        .flat_map(|law| DType::FLOATS.map(|dtype| (law.clone(), dtype)))
    {
        let whole = Fill::new(0, law, dtype, 3 << 30)?;
        let beginning = 3 << 29;
        for range in [beginning..beginning + ELEMENTS, beginning + 1..beginning + ELEMENTS, beginning..beginning + 512]
        {
            fills.push(whole.range(range)?);
        }
    }
    Ok(fills)
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
                if dtype != DType::F64 {
                    updates.push(Update::blend(-0.9, fill)?.with_view(view)?);
                }
            }
        }
    }
    Ok(updates)
}

/// Every structure, for a matrix of 2^20 rows and columns.
fn structures() -> [Structure; 5] {
    let (columns, rows) = (1 << 20, 1 << 20);
    [
        Structure::Diagonal { columns, period: 3, step: 5, offset: 2 },
        Structure::Blocks { columns, block_rows: 7, block_columns: 100 },
        Structure::OtherRows { columns, row: 1 << 16 },
        Structure::Sparse { columns, rows, zeros: rows / 2 },
        Structure::Toeplitz { columns, rows },
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::Kernel;
    use crate::plan::{Capabilities, Plan};
    use crate::request::structure::StructureKind;

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
        let missing: Vec<_> = missing.map(Kernel::name).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
