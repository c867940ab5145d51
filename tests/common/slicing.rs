//! What the tests of slices share: meshes, fills of any kind, and what all ranks together make.

use proptest::prelude::*;
use weightinit::request::{Mesh, Shard, Slice};
use weightinit::{DType, Fill, Law, Structure};

/// A mesh of one to three axes, a shape of up to four, and what each axis of the mesh does.
pub(crate) fn meshes() -> impl Strategy<Value = (Mesh, Vec<u64>, Vec<Shard>)> {
    let axes = prop::collection::vec(1u64..=4, 1..=3);
    let shape = prop::collection::vec(prop_oneof![1u64..12, Just(16), Just(40)], 1..=4);
    (axes, shape).prop_flat_map(|(axes, shape)| {
        let placement = prop_oneof![1 => Just(Shard::Replicate), 4 => (0..shape.len()).prop_map(Shard::Split)];
        let placements = prop::collection::vec(placement, axes.len());
        (Just(Mesh::new(&axes).unwrap()), Just(shape), placements)
    })
}

/// Every kind of law and type that there is.
pub(crate) fn fills() -> impl Strategy<Value = (Law, DType)> {
    let laws = vec![
        Law::Constant(-1.25),
        Law::uniform(-0.3, 0.3),
        Law::normal(0.1, 0.02),
        Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap(),
        Law::listed([0.5, -1.25, 3.0]).unwrap(),
    ];
    let of_float = (prop::sample::select(laws), prop::sample::select(DType::FLOATS.to_vec()));
    prop_oneof![9 => of_float, 1 => Just((Law::Bits, DType::U32))]
}

/// Structures of a matrix of `columns` columns and `rows` rows, by number.
pub(crate) fn structure(number: usize, columns: u64, rows: u64) -> Structure {
    match number % 6 {
        1 => Structure::Diagonal { columns, period: 3, step: 1, offset: 1 },
        2 => Structure::Blocks { columns, block_rows: 2, block_columns: 3 },
        3 => Structure::OtherRows { columns, row: rows - 1 },
        4 => Structure::Sparse { columns, rows, zeros: rows / 2 },
        5 => Structure::Toeplitz { columns, rows },
        _ => Structure::Dense,
    }
}

/// The fill of a tensor of `shape`, a matrix of its first axes' rows where the structure and the law allow it.
pub(crate) fn fill(law: Law, dtype: DType, shape: &[u64], structure: usize) -> Fill {
    let len = shape.iter().product();
    let fill = Fill::new("sliced", law, dtype, len).unwrap().with_seed(0x0123_4567_89ab_cdef);
    let columns = *shape.last().unwrap();
    let structured = fill.clone().with_structure(self::structure(structure, columns, len / columns));
    structured.unwrap_or(fill)
}

/// What all ranks have of a tensor whose elements are `whole`: by the places of their slices, each as often as the axes
/// that replicate say.
pub(crate) fn check(
    whole: &[u8],
    size: usize,
    (mesh, shape, placements): &(Mesh, Vec<u64>, Vec<Shard>),
    of: impl Fn(&Slice) -> Vec<u8>,
) {
    let mut seen = vec![0u64; whole.len() / size];
    for rank in 0..mesh.ranks() {
        let slice = mesh.slice(rank, shape, placements).unwrap();
        let found = of(&slice);
        assert_eq!(found.len() as u64, slice.element_count() * size as u64);
        for (position, element) in (0..).zip(found.chunks_exact(size)) {
            let source = slice.source(position) as usize;
            assert!(element == &whole[source * size..][..size], "rank {rank}: {source}, {slice:?}");
            seen[source] += 1;
        }
    }
    let copies = mesh.axes().iter().zip(placements).filter(|(_, placement)| **placement == Shard::Replicate);
    let copies = copies.map(|(ranks, _)| ranks).product::<u64>();
    assert!(seen.iter().all(|times| *times == copies), "{seen:?}");
}
