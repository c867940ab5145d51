//! Slices on the GPU, one after the other and in boxes of larger arrays: the bits of the CPU reference, and nothing
//! else is touched.

mod common;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use common::slicing::{check, fill, fills, meshes};
use proptest::prelude::*;
use weightinit::gpu::Filler;
use weightinit::plan::Capabilities;
use weightinit::request::{Mesh, Shard, Slice, Update};
use weightinit::{DType, Fill, Initializer, Law, Layout, Request, cpu, verify};

/// How often the same fillers are used: on lavapipe each pipeline takes megabytes, and there are thousands.
const USES: usize = 100;

/// The device's own filler, and one that fills as a device does that is no processor, and sees little at a time: by
/// other kernels, and in many dispatches.
fn fillers(device: &weightinit::wgpu::Device) -> Arc<[Filler; 2]> {
    static FILLERS: Mutex<(usize, Option<Arc<[Filler; 2]>>)> = Mutex::new((0, None));
    let limits = Capabilities {
        max_storage_buffer_binding_size: 4096,
        max_compute_workgroups_per_dimension: 4,
        ..Capabilities::default()
    };
    let mut held = FILLERS.lock().unwrap_or_else(PoisonError::into_inner);
    let (uses, fillers) = &mut *held;
    if uses.is_multiple_of(USES) {
        *fillers = None;
    }
    *uses += 1;
    let fresh = || [Filler::new(device).unwrap(), Filler::with_capabilities(device, limits).unwrap()];
    fillers.get_or_insert_with(|| Arc::new(fresh())).clone()
}

/// On the GPU, at any place of a buffer that is aligned to the element, with everything around it left alone.
fn check_gpu(gpu: &common::Gpu, request: &Request, offset: u64) {
    check_by(gpu, &*fillers(&gpu.device), request, offset);
}

fn check_by(gpu: &common::Gpu, fillers: &[Filler], request: &Request, offset: u64) {
    let size = request.dtype().size();
    let (offset, bytes) = (offset * size, request.span());
    for filler in fillers {
        let buffer = gpu.buffer((offset + bytes + 64).next_multiple_of(4), 0xa5);
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        filler.encode(&mut encoder, request, buffer.slice(offset..)).unwrap();
        gpu.queue.submit([encoder.finish()]);
        let found = filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
        let mut expected = vec![0xa5; found.len()];
        cpu::write(request, &mut expected[offset as usize..]).unwrap();
        if found != expected {
            let first = found.iter().zip(&expected).position(|(found, expected)| found != expected).unwrap();
            let software = filler.capabilities().software;
            panic!("byte {first} after {offset}: {:#x}, not {:#x}, {software}", found[first], expected[first]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if common::all() { 300 } else { 40 }, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn gpus_make_the_same_slices(
        (law, dtype) in fills(), case in meshes(), number in 0usize..12, offset in 0u64..40, rank in 0u64..64,
    ) {
        let (mesh, shape, placements) = &case;
        let request = Request::from(fill(law, dtype, shape, number));
        let slice = mesh.slice(rank % mesh.ranks(), shape, placements).unwrap();
        let shard = request.slice(&slice).unwrap();
        check_gpu(common::gpu(), &shard, offset);
        let count = shard.element_count();
        if count > 2 {
            check_gpu(common::gpu(), &shard.range(1..count - 1).unwrap(), offset);
        }
    }

    /// Over several workgroups, windows and boxes: rows of few elements and of many, on small limits as well.
    #[test]
    fn gpus_make_the_same_larger_slices(
        dtype in prop::sample::select(DType::FLOATS.to_vec()), number in 0usize..6, offset in 0u64..40,
        (columns, first, width) in (1u64..3000).prop_flat_map(|columns| (Just(columns), 0..columns)).prop_flat_map(
            |(columns, first)| (Just(columns), Just(first), 1..=(columns - first).min(1500))
        ),
        multiple in prop::sample::select(vec![1u64, 1, 4]), wrap in any::<bool>(),
    ) {
        let (columns, first, width) = (columns * multiple, first * multiple, width * multiple);
        let rows = (20_000 / width).clamp(1, 4000);
        // From beyond 2^32 blocks on.
        let shape = [(1 << 36) / columns + rows, columns];
        let whole = fill(Law::normal(0.25, 0.7), dtype, &shape, number);
        let start = if wrap { ((1u64 << 34) / columns).saturating_sub(rows / 2) } else { shape[0] - rows };
        let slice = Slice::new(&shape, &[start, first], &[rows, width]).unwrap();
        check_gpu(common::gpu(), &Request::from(whole).slice(&slice).unwrap(), offset);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if common::all() { 400 } else { 60 }, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Runs of a few elements by the kernels of processors, in dispatches that begin and end inside of them.
    #[test]
    fn gpus_cut_short_runs_anywhere(
        (law, dtype) in prop::sample::select(vec![
            (Law::normal(0.25, 0.7), DType::F32), (Law::normal(0.0, 1.0), DType::BF16),
            (Law::uniform(-1.0, 1.0), DType::F16), (Law::uniform(0.0, 1.0), DType::F32),
            (Law::Bits, DType::U32), (Law::logistic(0.0, 1.0).unwrap(), DType::BF16),
        ]),
        run in 1u64..=5, planes in 1u64..4, rows in 1u64..1500, columns in 1u64..40, first in 0u64..8,
        offset in 0u64..8, skipped in 0u64..10, padding in 0u64..3,
    ) {
        static FILLER: LazyLock<Filler> = LazyLock::new(|| {
            let limits = Capabilities {
                software: true,
                max_storage_buffer_binding_size: 4096,
                max_compute_workgroups_per_dimension: 2,
                ..Capabilities::default()
            };
            Filler::with_capabilities(&common::gpu().device, limits).unwrap()
        });
        let shape = [planes + 1, rows + 3, first + run + columns];
        let whole = Request::from(Fill::new("w", law, dtype, shape.iter().product()).unwrap());
        let slice = Slice::new(&shape, &[1, 2, first], &[planes, rows, run]).unwrap();
        let slice = if padding > 0 {
            slice.with_destination(&[planes, rows, run + padding], &[0, 0, padding - 1]).unwrap()
        } else {
            slice
        };
        let request = whole.slice(&slice).unwrap();
        let filler = std::slice::from_ref(&*FILLER);
        check_by(common::gpu(), filler, &request, offset);
        let count = request.element_count();
        if padding == 0 && count > skipped + 1 {
            check_by(common::gpu(), filler, &request.range(skipped..count - 1).unwrap(), offset);
        }
    }
}

/// All of four and five axes are cut, so that there are more levels than a dispatch knows.
#[test]
fn gpus_cut_every_axis() {
    let shape = [5, 6, 7, 5, 6];
    for (law, number) in [(Law::normal(0.0, 1.0), 0), (Law::normal(0.0, 1.0), 4), (Law::Constant(1.0), 2)] {
        for dtype in DType::FLOATS {
            let whole = Request::from(fill(law.clone(), dtype, &shape, number));
            let slice = Slice::new(&shape, &[1, 1, 1, 1, 1], &[4, 3, 5, 2, 3]).unwrap();
            check_gpu(common::gpu(), &whole.slice(&slice).unwrap(), 3);
            check_gpu(common::gpu(), &whole.slice(&slice).unwrap().range(17..301).unwrap(), 4);
        }
    }
}

/// Elements of a slice in a box of a larger array, which has these places more before and after it along each axis.
fn in_box(slice: Slice, around: &[[u64; 2]]) -> Slice {
    let axes = || slice.sizes().iter().zip(around);
    let shape: Vec<_> = axes().map(|(size, [before, after])| (before + size + after).max(1)).collect();
    let offsets: Vec<_> = axes().map(|(_, [before, _])| *before).collect();
    slice.clone().with_destination(&shape, &offsets).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if common::all() { 150 } else { 40 }, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Where each element goes, by the definition; what is around them stays.
    #[test]
    fn boxes_of_arrays_are_filled(
        (law, dtype) in fills(), (mesh, shape, placements) in meshes(), number in 0usize..12, offset in 0u64..40,
        rank in 0u64..64, around in prop::collection::vec([0u64..4, 0..3], 4),
    ) {
        let whole = Request::from(fill(law, dtype, &shape, number));
        let slice = mesh.slice(rank % mesh.ranks(), &shape, &placements).unwrap();
        let compact = whole.slice(&slice).unwrap();
        let request = whole.slice(&in_box(slice, &around)).unwrap();
        let Request::Slice(sliced) = &request else { panic!("a slice") };
        let (size, destination) = (dtype.size() as usize, sliced.slice().destination().unwrap());
        prop_assert_eq!(request.byte_count(), compact.byte_count());
        prop_assert_eq!(request.span(), destination.tensor_len() * dtype.size());
        let bytes = cpu::bytes(&compact).unwrap();
        let count = request.element_count();
        for range in [0..count, 1..count.saturating_sub(1)].into_iter().filter(|range| range.end > range.start) {
            let part = request.range(range.clone()).unwrap();
            let mut expected = vec![0xa5; request.span() as usize];
            for position in range {
                let place = destination.source(position) as usize * size;
                expected[place..][..size].copy_from_slice(&bytes[position as usize * size..][..size]);
            }
            let mut found = vec![0xa5; expected.len()];
            cpu::write(&part, &mut found).unwrap();
            prop_assert_eq!(&found, &expected);
            found.fill(0xa5);
            cpu::write_serial(&part, &mut found).unwrap();
            prop_assert_eq!(&found, &expected);
            prop_assert!(verify::compare(&part, &expected).unwrap().is_equal());
            check_gpu(common::gpu(), &part, offset);
        }
    }

    /// Over several workgroups and windows: rows of few elements and of many, at distances larger than a window too.
    #[test]
    fn gpus_fill_larger_boxes(
        dtype in prop::sample::select(DType::FLOATS.to_vec()), number in 0usize..6, offset in 0u64..40,
        (columns, first, width) in (1u64..3000).prop_flat_map(|columns| (Just(columns), 0..columns)).prop_flat_map(
            |(columns, first)| (Just(columns), Just(first), 1..=(columns - first).min(1500))
        ),
        around in [[0u64..3, 0..3], [0..2000, 0..2000]], depth in 1u64..4,
    ) {
        let rows = (20_000 / width).clamp(1, 400);
        let shape = [depth, rows, columns];
        let whole = fill(Law::normal(0.25, 0.7), dtype, &shape, number);
        let slice = Slice::new(&shape, &[0, 0, first], &[depth, rows, width]).unwrap();
        let slice = in_box(slice, &[[0, 0], around[0], around[1]]);
        check_gpu(common::gpu(), &Request::from(whole).slice(&slice).unwrap(), offset);
    }
}

/// Matrices whose elements depend on each other, and updates, go into boxes as well.
#[test]
fn whatever_is_sliced_goes_into_boxes() {
    let gpu = common::gpu();
    let shape = [8, 6, 3];
    let orthogonal = Initializer::delta_orthogonal(1.5).request("q", &shape, Layout::Torch, DType::F32).unwrap();
    let noise = Fill::new("w", Law::normal(0.0, 0.02), DType::BF16, 144).unwrap();
    for (whole, exact) in [(orthogonal, false), (Update::blend(0.5, noise).unwrap().into(), true)] {
        let slice = Slice::new(&shape, &[1, 2, 0], &[5, 3, 3]).unwrap();
        let boxed = whole.slice(&in_box(slice.clone(), &[[1, 0], [0, 2], [2, 1]])).unwrap();
        if exact {
            check_gpu(gpu, &boxed, 6);
            let fill = Request::from(Fill::new("w", Law::normal(0.0, 0.02), DType::BF16, 144).unwrap());
            let boxed = fill.slice(&in_box(slice, &[[1, 0], [0, 2], [2, 1]])).unwrap();
            gpu.filler.warm_up([&boxed]).unwrap();
            let check = gpu.filler.self_check_of(&gpu.queue, [&boxed]).unwrap();
            assert!(check.passed() && !check.kernels.is_empty());
            continue;
        }
        let size = DType::F32.size() as usize;
        let compact = cpu::bytes(&whole.slice(&slice).unwrap()).unwrap();
        let mut found = vec![0xa5; boxed.span() as usize];
        cpu::write(&boxed, &mut found).unwrap();
        let Request::Slice(sliced) = &boxed else { panic!("a slice") };
        let destination = sliced.slice().destination().unwrap();
        for place in 0..destination.tensor_len() {
            let element = &found[place as usize * size..][..size];
            let expected = destination.position(place).map(|position| &compact[position as usize * size..][..size]);
            assert_eq!(element, expected.unwrap_or(&[0xa5; 4]));
        }
        let buffer = gpu.buffer(boxed.buffer_size() + 64, 0xa5);
        gpu.filler.submit(&gpu.queue, &boxed, buffer.slice(64..)).unwrap();
        assert!(gpu.filler.check_against_cpu(&gpu.queue, &boxed, buffer.slice(64..)).unwrap().is_equal());
        let bytes = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
        assert_eq!(bytes[..64], [0xa5; 64]);
        for place in (0..destination.tensor_len()).filter(|place| destination.position(*place).is_none()) {
            assert_eq!(bytes[64 + place as usize * size..][..size], [0xa5; 4]);
        }
    }
}

/// Also where it is more than a check reads at a time.
#[test]
fn a_box_may_be_all_of_its_array() {
    let whole = Request::from(Fill::new("w", Law::normal(0.0, 1.0), DType::F32, 4200 * 4200).unwrap());
    let slice = Slice::new(&[4200, 4200], &[0, 7], &[4200, 4100]).unwrap();
    let boxed = whole.slice(&slice.with_destination(&[4200, 4100], &[0, 0]).unwrap()).unwrap();
    assert_eq!(boxed.span(), boxed.byte_count());
    let gpu = common::gpu();
    let buffer = gpu.filler.create_filled(&gpu.queue, &boxed, weightinit::wgpu::BufferUsages::empty()).unwrap();
    assert!(gpu.filler.check_against_cpu(&gpu.queue, &boxed, buffer.slice(..)).unwrap().is_equal());
}

#[test]
fn boxes_that_do_not_fit_are_refused() {
    let slice = Slice::new(&[3, 4], &[0, 1], &[3, 2]).unwrap();
    assert_eq!(
        slice.clone().with_destination(&[3, 4], &[1, 2]).unwrap_err().to_string(),
        "slice at [1, 2] of sizes [3, 2] is not inside shape [3, 4]: axis 0 has 3 places; give an offset and a size \
         for each axis whose sum is at most its places"
    );
    assert!(slice.clone().with_destination(&[12], &[0]).is_err());
    let whole = Request::from(Fill::new("w", Law::normal(0.0, 1.0), DType::F32, 12).unwrap());
    let boxed = whole.slice(&slice.with_destination(&[3, 4], &[0, 2]).unwrap()).unwrap();
    assert!(cpu::write(&boxed, &mut [0; 44]).is_err());
    let gpu = common::gpu();
    let buffer = gpu.buffer(44, 0);
    assert!(gpu.filler.submit(&gpu.queue, &boxed, buffer.slice(..)).is_err());
    assert!(verify::compare(&boxed, &[0; 44]).is_err());
}

#[test]
fn gpus_update_shards_in_place() {
    for dtype in DType::FLOATS.into_iter().filter(|dtype| *dtype != DType::F64) {
        let noise = Fill::new("w", Law::normal(0.0, 0.02), dtype, 600).unwrap();
        let blend = Request::from(Update::blend(0.5, noise).unwrap());
        for (first, width) in [(4, 8), (3, 5)] {
            let slice = Slice::new(&[30, 20], &[2, first], &[28, width]).unwrap();
            check_gpu(common::gpu(), &blend.slice(&slice).unwrap(), 4);
        }
    }
}

/// Nothing is written, and nothing goes wrong.
#[test]
fn gpus_make_nothing_of_nothing() {
    let whole = Request::from(Fill::new("w", Law::normal(0.0, 1.0), DType::F32, 12).unwrap());
    let gpu = common::gpu();
    let orthogonal = Initializer::orthogonal(1.0).request("q", &[3, 4], Layout::Torch, DType::F32).unwrap();
    for whole in [whole, orthogonal] {
        let nothing = whole.slice(&Slice::new(&[3, 4], &[0, 4], &[3, 0]).unwrap()).unwrap();
        check_gpu(gpu, &nothing, 5);
        let buffer = gpu.filler.create_filled(&gpu.queue, &nothing, weightinit::wgpu::BufferUsages::empty()).unwrap();
        assert_eq!(gpu.filler.check_against_cpu(&gpu.queue, &nothing, buffer.slice(..)).unwrap().elements, 0);
    }
}

/// On one device the slices of all ranks are the parts of one tensor, bit for bit.
#[test]
fn gpus_slice_orthogonal_tensors() {
    let gpu = common::gpu();
    let read = |request: &Request| {
        let buffer = gpu.filler.create_filled(&gpu.queue, request, weightinit::wgpu::BufferUsages::empty()).unwrap();
        let mut bytes = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
        bytes.truncate(request.byte_count() as usize);
        bytes
    };
    let stack: Layout = "in=1,out=2,batch=0".parse().unwrap();
    let tensors = [
        (Initializer::orthogonal(1.5), vec![70, 130], Layout::Torch),
        (Initializer::orthogonal(1.5), vec![3, 20, 24], stack),
        (Initializer::delta_orthogonal(1.5), vec![8, 6, 3], Layout::Torch),
    ];
    for (initializer, shape, layout) in tensors {
        let whole = initializer.request("q", &shape, layout, DType::BF16).unwrap().with_seed(5);
        let bytes = read(&whole);
        assert_eq!(read(&whole.range(13..60).unwrap()), bytes[26..120]);
        for axis in 0..shape.len() {
            check(&bytes, 2, &(Mesh::new(&[4]).unwrap(), shape.clone(), vec![Shard::Split(axis)]), |slice| {
                let shard = whole.slice(slice).unwrap();
                let found = read(&shard);
                assert!(verify::compare(&shard, &found).unwrap().is_equal());
                found
            });
        }
    }
}
