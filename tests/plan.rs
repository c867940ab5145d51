//! Plans without a GPU: their dispatches, run invocation by invocation on the CPU, give the bits of the fast path.

use proptest::prelude::*;
use weightinit::law::Wave;
use weightinit::plan::{Capabilities, Plan};
use weightinit::{DType, Fill, Law, Structure, cpu};

/// (rows, columns): with 2^20 columns a row ends where indices wrap at 2^64, with others it does not.
const SHAPES: [(u64, u64); 5] = [(1 << 20, 1 << 20), (1_000_003, 1_000_033), (7, 3), (2, 11), (20, 1)];

/// Structures of a matrix.
fn structures((rows, columns): (u64, u64)) -> Vec<Structure> {
    vec![
        Structure::Dense,
        Structure::Dense,
        Structure::Diagonal { columns, period: 2, step: 3, offset: 1 },
        Structure::Blocks { columns, block_rows: 3, block_columns: columns.div_ceil(16) },
        Structure::OtherRows { columns, row: rows.min(1 << 14) / 2 },
        Structure::Sparse { columns, rows, zeros: rows / 3 },
        Structure::Toeplitz { columns, rows },
    ]
}

fn laws() -> Vec<Law> {
    vec![
        Law::Constant(-1.25),
        Law::uniform(-0.05, 0.05),
        Law::uniform(0.0, 1.0),
        Law::normal(0.0, 0.02),
        Law::truncated_normal(1.0, 0.5, 0.0, 2.0).unwrap(),
        Law::listed([0.25, -3.0, 8.0, 1.0, 0.5]).unwrap(),
        Law::waves_by_column((0..64).map(|i| Wave::of_radians(0.5 / f64::from(i + 1), i << 26))).unwrap(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn dispatches_give_the_bits_of_the_fast_path(
        law in proptest::sample::select(laws()),
        dtype in proptest::sample::select(DType::FLOATS.to_vec()),
        (shape, structure) in proptest::sample::select(SHAPES.to_vec())
            .prop_flat_map(|shape| (Just(shape), proptest::sample::select(structures(shape)))),
        first in prop_oneof![0u64..9, (1u64 << 34) - 9..(1 << 34) + 9],
        count in 1u64..2000,
        slot in 0u64..200,
        binding in 1u64..9,
        workgroups in 2u32..9,
        software: bool,
        aligned: bool,
    ) {
        // Whole units and whole batches, which chance would seldom give.
        let step = if aligned { 16 } else { 1 };
        let (first, count, slot) = (first / step * step, count.next_multiple_of(step), slot / step * step);
        let length = if matches!(law, Law::Waves(_)) { 1 << 37 } else { shape.0 * shape.1 };
        let first = first % length;
        let whole = Fill::new(0, law, dtype, length).unwrap().with_seed(11).with_stream("plan");
        // Laws that are matrices have no other structure.
        let whole = whole.clone().with_structure(structure).unwrap_or(whole);
        let fill = whole.range(first..(first + count).min(length)).unwrap();
        let device = Capabilities {
            max_storage_buffer_binding_size: binding * 256,
            min_storage_buffer_offset_alignment: 32,
            max_compute_workgroups_per_dimension: workgroups,
            software,
            ..Capabilities::default()
        };
        let offset = slot * dtype.size();
        let plan = Plan::new(&fill, offset, &device).unwrap();
        let table = fill.sampler().table.as_ref().map_or(&[][..], |table| table.words());

        let mut buffer = vec![0xa5a5_a5a5u32; (offset + fill.byte_count()).div_ceil(4) as usize + 8];
        for dispatch in plan.dispatches() {
            let from = dispatch.binding_offset as usize / 4;
            let words = from..from + dispatch.binding_size as usize / 4;
            cpu::dispatch(plan.kernel(), &dispatch, table, &mut buffer[words]);
        }

        let bytes: &[u8] = bytemuck::cast_slice(&buffer);
        let (start, end) = (offset as usize, (offset + fill.byte_count()) as usize);
        prop_assert_eq!(&bytes[start..end], &cpu::bytes(&fill).unwrap()[..]);
        prop_assert!(bytes[..start].iter().chain(&bytes[end..]).all(|&byte| byte == 0xa5));
    }
}
