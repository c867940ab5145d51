//! Slices: over any mesh the ranks' parts make the whole tensor, each element once, with its own bits.

mod common;

use common::slicing::{check, fill, fills, meshes};
use proptest::prelude::*;
use weightinit::error::SliceError;
use weightinit::request::{Mesh, Shard, Slice, Update, View, Whole};
use weightinit::{DType, Error, Fill, Initializer, Law, Layout, Request, cpu, verify};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ranks_make_the_whole((law, dtype) in fills(), case in meshes(), number in 0usize..12) {
        let fill = fill(law, dtype, &case.1, number);
        let request = Request::from(&fill);
        let size = dtype.size() as usize;
        check(&cpu::bytes(&fill).unwrap(), size, &case, |slice| {
            let shard = request.slice(slice).unwrap();
            let bytes = cpu::bytes(&shard).unwrap();
            let mut serial = vec![0; bytes.len()];
            cpu::write_serial(&shard, &mut serial).unwrap();
            assert_eq!(serial, bytes);
            assert!(verify::compare(&shard, &bytes).unwrap().is_equal());
            // In two pieces.
            let count = shard.element_count();
            if count > 1 {
                let piece = |range| cpu::bytes(&shard.range(range).unwrap()).unwrap();
                let pieces = [0..count / 2, count / 2..count].map(piece);
                assert_eq!(pieces.concat(), bytes);
            }
            bytes
        });
    }

    /// The same division, said for each axis of the tensor.
    #[test]
    fn specs_and_placements_agree((mesh, shape, mut placements) in meshes(), rank in 0u64..64) {
        let rank = rank % mesh.ranks();
        let mut axes = vec![Vec::new(); shape.len()];
        for (axis, placement) in placements.iter_mut().enumerate() {
            match *placement {
                // Of two axes that split one the divisions differ where they are not even.
                Shard::Split(split) if axes[split].is_empty() => axes[split].push(axis),
                _ => *placement = Shard::Replicate,
            }
        }
        let spec: Vec<_> = axes.iter().map(|axes| &axes[..]).collect();
        prop_assert_eq!(mesh.slice_by_spec(rank, &shape, &spec), mesh.slice(rank, &shape, &placements));
    }

    /// One axis of the tensor split by all axes of the mesh at once.
    #[test]
    fn specs_make_the_whole(axes in prop::collection::vec(1u64..=4, 1..=4), length in 1u64..40) {
        let mesh = Mesh::new(&axes).unwrap();
        let all: Vec<_> = (0..axes.len()).collect();
        let mut next = 0;
        for rank in 0..mesh.ranks() {
            let slice = mesh.slice_by_spec(rank, &[length], &[&all]).unwrap();
            prop_assert_eq!(slice.offsets()[0], next);
            next += slice.sizes()[0];
        }
        prop_assert_eq!(next, length);
    }
}

/// Beyond what 32 bits count, in tensors that nobody could hold.
#[test]
fn places_are_of_64_bits() {
    let shape = [1 << 20, 3, (1 << 18) + 1];
    let len = shape.iter().product();
    for dtype in [DType::BF16, DType::F32] {
        let whole = Request::from(Fill::new("w", Law::normal(0.0, 0.02), dtype, len).unwrap());
        let slice = Slice::new(&shape, &[1_000_000, 1, (1 << 18) - 4], &[9, 2, 5]).unwrap();
        let bytes = cpu::bytes(&whole.slice(&slice).unwrap()).unwrap();
        for (position, element) in (0..).zip(bytes.chunks_exact(dtype.size() as usize)) {
            let source = slice.source(position);
            assert_eq!(cpu::bytes(&whole.range(source..source + 1).unwrap()).unwrap(), element);
        }
    }
}

/// Runs that are long enough for batches of their own.
#[test]
fn long_runs_are_the_same() {
    let shape = [3, 40_000];
    for number in 0..6 {
        let whole = fill(Law::normal(0.0, 1.0), DType::F16, &shape, number);
        let bytes = cpu::bytes(&whole).unwrap();
        let slice = Slice::new(&shape, &[0, 101], &[3, 30_001]).unwrap();
        let found = cpu::bytes(&Request::from(&whole).slice(&slice).unwrap()).unwrap();
        let rows = bytes.chunks_exact(80_000).flat_map(|row| &row[202..][..60_002]);
        assert!(rows.eq(&found), "{:?}", whole.structure());
    }
}

#[test]
fn nothing_is_a_slice() {
    let whole = Request::from(Fill::new("w", Law::normal(0.0, 1.0), DType::F32, 12).unwrap());
    let nothing = whole.slice(&Slice::new(&[3, 4], &[3, 1], &[0, 2]).unwrap()).unwrap();
    assert_eq!((nothing.element_count(), nothing.byte_count(), nothing.buffer_size()), (0, 0, 0));
    assert_eq!(cpu::bytes(&nothing).unwrap(), []);
    let mut untouched = [7; 3];
    cpu::write(&nothing, &mut untouched).unwrap();
    cpu::write_serial(&nothing, &mut untouched).unwrap();
    assert_eq!(untouched, [7; 3]);
    assert_eq!(verify::compare(&nothing, &[]).unwrap().elements, 0);
    assert_eq!(nothing.range(0..1).unwrap_err(), Error::InvalidRange { start: 0, end: 1, len: 0 });
}

#[test]
fn what_does_not_fit_is_refused() {
    let whole = Request::from(Fill::new("w", Law::normal(0.0, 1.0), DType::F32, 12).unwrap());
    let slice = Slice::whole(&[5, 3]).unwrap();
    assert_eq!(
        whole.slice(&slice).unwrap_err().to_string(),
        "the slice is of shape [5, 3], which has 15 elements, the tensor has 12; give both one shape"
    );
    let update = Update::replace(whole.as_fill().unwrap().clone());
    let view = Request::from(update.with_view(View::new(&[3, 4], 1, 0..2).unwrap()).unwrap());
    assert_eq!(view.slice(&Slice::whole(&[3, 4]).unwrap()).unwrap_err(), SliceError::OfView.into());
    // A slice takes the place of whatever part it was.
    let slice = Slice::new(&[3, 4], &[1, 1], &[2, 2]).unwrap();
    let part = whole.range(5..6).unwrap().slice(&slice).unwrap();
    assert_eq!(part, whole.slice(&slice).unwrap());
    assert_eq!(part.slice(&slice).unwrap(), part);
    assert_eq!(part.clone().with_seed(9), whole.clone().with_seed(9).slice(&slice).unwrap());
    assert_eq!(part.with_stream("v"), whole.with_stream("v").slice(&slice).unwrap());
}

/// What is done to a shard is what is done to the whole.
#[test]
fn shards_are_updated_in_place() {
    let shape = [6, 10];
    for dtype in DType::FLOATS {
        let before = Fill::new("w", Law::normal(0.0, 0.02), dtype, 60).unwrap();
        let noise = before.clone().with_seed(1);
        let mut updates = vec![Update::replace(noise.clone())];
        if dtype != DType::F64 {
            updates.push(Update::blend(0.5, noise).unwrap());
        }
        for update in updates {
            let mut whole = cpu::bytes(&before).unwrap();
            cpu::write(&update, &mut whole).unwrap();
            let slice = Slice::new(&shape, &[1, 3], &[4, 5]).unwrap();
            let mut shard = cpu::bytes(&Request::from(&before).slice(&slice).unwrap()).unwrap();
            cpu::write(&Request::from(&update).slice(&slice).unwrap(), &mut shard).unwrap();
            let size = dtype.size() as usize;
            for (position, element) in (0..).zip(shard.chunks_exact(size)) {
                assert_eq!(&whole[slice.source(position) as usize * size..][..size], element);
            }
        }
    }
}

/// Each rank computes the matrices that it has something of, and keeps its slice.
#[test]
fn orthogonal_tensors_are_sliced() {
    let stack: Layout = "in=1,out=2,batch=0".parse().unwrap();
    let tensors = [
        (Initializer::orthogonal(1.5), vec![24, 10], Layout::Torch),
        (Initializer::orthogonal(1.5), vec![3, 8, 6], stack),
        (Initializer::delta_orthogonal(1.5), vec![8, 6, 3], Layout::Torch),
        (Initializer::delta_orthogonal(1.5), vec![3, 6, 8], Layout::Keras),
    ];
    for (initializer, shape, layout) in tensors {
        let whole = initializer.request("q", &shape, layout, DType::F32).unwrap().with_seed(5);
        let bytes = cpu::bytes(&whole).unwrap();
        for axis in 0..shape.len() {
            let placements = vec![Shard::Split(axis)];
            check(&bytes, 4, &(Mesh::new(&[4]).unwrap(), shape.clone(), placements), |slice| {
                let shard = whole.slice(slice).unwrap();
                assert!(matches!(&shard, Request::Slice(sliced) if matches!(sliced.of(), Whole::Orthogonal(_))));
                cpu::bytes(&shard).unwrap()
            });
        }
    }
}
