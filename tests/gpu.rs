//! The GPU against the CPU reference, bit for bit: every kernel, every range, every alignment, small limits.

mod common;

use common::{gpu, gpu_with};
use proptest::prelude::*;
use weightinit::gpu::{Filler, SelfCheck};
use weightinit::law::Math;
use weightinit::plan::Capabilities;
use weightinit::verify::compare;
use weightinit::{DType, Error, Fill, Law, Structure, cpu, wgpu};

fn laws() -> Vec<Law> {
    vec![
        Law::Constant(0.0),
        Law::Constant(-1.25),
        Law::uniform(-0.05, 0.05),
        Law::uniform(0.0, 1.0),
        Law::normal(0.0, 0.02),
        Law::normal(-3.0, 0.5),
        Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap(),
        Law::truncated_normal(1.0, 0.5, 1.25, f64::INFINITY).unwrap(),
        Law::triangular(0.0, 1.0, 0.3).unwrap(),
        Law::log_normal(-3.0, 0.5).unwrap(),
    ]
}

fn any_fill() -> impl Strategy<Value = Fill> {
    let law = proptest::sample::select(laws());
    let dtype = proptest::sample::select(DType::FLOATS.to_vec());
    let first = prop_oneof![0u64..20, (1u64 << 32) - 50..(1 << 32) + 50, (1u64 << 40)..(1 << 40) + 9];
    // Rows that do not end where indices wrap.
    let (columns, rows) = (1_000_033, 2_000_003);
    let structure = proptest::sample::select(vec![
        Structure::Dense,
        Structure::Dense,
        Structure::Diagonal { columns, period: 5, step: 3, offset: 1 },
        Structure::OtherRows { columns, row: 0 },
        Structure::Toeplitz { columns, rows },
    ]);
    let values = (law, dtype, structure, first, 1u64..3000, any::<u64>(), any::<u64>(), any::<bool>());
    values.prop_map(move |(law, dtype, structure, first, count, seed, stream, aligned)| {
        // Whole units and whole batches, which chance would seldom give.
        let (first, count) = if aligned { (first / 16 * 16, count.next_multiple_of(16)) } else { (first, count) };
        let whole = Fill::new(0, law, dtype, rows * columns).unwrap().with_seed(seed).with_stream(stream);
        whole.with_structure(structure).unwrap().range(first..first + count).unwrap()
    })
}

#[test]
fn every_kernel_equals_the_reference() {
    let gpu = gpu();
    let check = self_check(&gpu.filler, &gpu.queue);
    assert!(check.passed(), "{check}");
    assert!(check.kernels.len() > 8);
}

/// Every kernel where all tests are asked for, else a cover.
fn self_check(filler: &Filler, queue: &wgpu::Queue) -> SelfCheck {
    let _said = common::progress::progress("the self-check");
    let check = if common::all() { filler.self_check(queue) } else { filler.quick_check(queue) };
    check.unwrap()
}

fn without_features(capabilities: &Capabilities) -> Capabilities {
    Capabilities { int64: false, immediates: false, ..*capabilities }
}

/// Tables whose standard samples span all numbers of f32, and samples that are no normal numbers before they are
/// clamped.
#[test]
fn samples_almost_0_equal_the_reference() {
    let gpu = gpu();
    let laws = [
        Law::log_uniform(1e-37, 1.0),
        Law::log_uniform(2e-38, 1e-10),
        Law::log_normal(-10.0, 12.0),
        Law::beta(0.05, 1.0),
        Law::beta(0.06, 0.02),
    ];
    for law in laws {
        for dtype in [DType::F32, DType::BF16] {
            let fill = Fill::new("w", law.clone().unwrap(), dtype, 300_001).unwrap();
            let buffer = gpu.filler.create_filled(&gpu.queue, &fill, wgpu::BufferUsages::STORAGE).unwrap();
            let report = gpu.filler.check_against_cpu(&gpu.queue, &fill, buffer.slice(..)).unwrap();
            assert!(report.is_equal(), "{law:?} {dtype}: {report}");
        }
    }
}

/// Other instructions, same bits: products by 16-bit halves instead of 64-bit integers, parameters in a uniform buffer
/// instead of immediates.
#[test]
fn devices_without_features_give_the_same_bits() {
    let plain = gpu_with(wgpu::Limits::downlevel_defaults());
    assert!(!plain.device.features().contains(wgpu::Features::SHADER_INT64));
    let check = self_check(&plain.filler, &plain.queue);
    assert!(check.passed(), "{check}");

    let gpu = gpu();
    if gpu.filler.capabilities().int64 {
        let halves = Filler::with_capabilities(&gpu.device, without_features(gpu.filler.capabilities())).unwrap();
        let check = self_check(&halves, &gpu.queue);
        assert!(check.passed(), "{check}");
    }
}

/// The kernels of GPUs on a software adapter, which has others where ranges allow it.
#[test]
fn one_block_at_a_time_gives_the_same_bits() {
    for features in [true, false] {
        let capabilities = Capabilities { software: false, ..*gpu().filler.capabilities() };
        let capabilities = if features { capabilities } else { without_features(&capabilities) };
        let filler = Filler::with_capabilities(&gpu().device, capabilities).unwrap();
        let check = self_check(&filler, &gpu().queue);
        assert!(check.passed(), "{check}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// A piece of a tensor anywhere in a buffer has the bits of the reference, and its neighbours keep theirs.
    #[test]
    fn pieces_land_where_they_belong(fill in any_fill(), slot in 0u64..300) {
        let gpu = gpu();
        let slot = if fill.elements().start % 16 == 0 { slot / 16 * 16 } else { slot };
        let offset = slot * fill.dtype().size();
        let end = offset + fill.byte_count();
        let size = (end + 64).next_multiple_of(4);
        let buffer = gpu.buffer(size, 0xa5);
        gpu.filler.submit(&gpu.queue, &fill, buffer.slice(offset..end)).unwrap();
        let bytes = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
        let comparison = compare(&fill, &bytes[offset as usize..]).unwrap();
        prop_assert!(comparison.is_equal(), "{comparison}");
        prop_assert!(bytes[..offset as usize].iter().chain(&bytes[end as usize..]).all(|&byte| byte == 0xa5));
    }

    /// A tensor filled whole equals the same tensor filled in pieces, on the GPU and on the CPU.
    #[test]
    fn pieces_make_the_whole(fill in any_fill(), cuts in proptest::collection::vec(0.0f64..1.0, 0..6)) {
        let (gpu, size) = (gpu(), fill.dtype().size());
        let elements = fill.elements();
        let mut ends: Vec<_> = cuts.iter().map(|c| elements.start + (c * fill.element_count() as f64) as u64).collect();
        ends.extend([elements.start, elements.end]);
        ends.sort_unstable();
        ends.dedup();
        let pieces: Vec<_> = ends.windows(2).map(|ends| fill.range(ends[0]..ends[1]).unwrap()).collect();

        let whole = cpu::bytes(&fill).unwrap();
        let joined: Vec<u8> = pieces.iter().flat_map(|piece| cpu::bytes(piece).unwrap()).collect();
        prop_assert_eq!(&whole, &joined);

        let buffer = gpu.buffer(fill.byte_count().next_multiple_of(4), 0);
        let slices: Vec<_> = pieces
            .iter()
            .map(|piece| (piece, buffer.slice((piece.elements().start - elements.start) * size..)))
            .collect();
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        gpu.filler.encode_all(&mut encoder, &slices).unwrap();
        gpu.queue.submit([encoder.finish()]);
        let found = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
        prop_assert_eq!(&whole[..], &found[..whole.len()]);
    }
}

/// Windows and rows of workgroups: more bytes than a binding takes, more groups than a dimension has.
#[test]
fn small_limits_give_the_same_bits() {
    let limits = wgpu::Limits {
        max_storage_buffer_binding_size: 128 << 10,
        max_compute_workgroups_per_dimension: 7,
        ..wgpu::Limits::downlevel_defaults()
    };
    let gpu = gpu_with(limits);
    for (dtype, start) in [(DType::F32, 0), (DType::F32, 3), (DType::F16, 1), (DType::F64, 5), (DType::F8E5M2, 7)] {
        let whole = Fill::new(0, Law::normal(0.0, 1.0), dtype, 1 << 33).unwrap().with_seed(5).with_stream("limits");
        let fill = whole.range((1 << 32) - 100..(1 << 32) + 100_000).unwrap();
        let buffer = gpu.buffer(1 << 20, 0);
        let target = buffer.slice(start * dtype.size()..);
        gpu.filler.submit(&gpu.queue, &fill, target).unwrap();
        assert_eq!(gpu.filler.check_against_cpu(&gpu.queue, &fill, target).unwrap().elements, fill.element_count());
    }
}

/// One fill over more than a binding of 128 MiB.
#[test]
fn large_buffers_are_filled_in_windows() {
    let gpu = gpu();
    let fill = Fill::new(0, Law::uniform(-1.0, 1.0), DType::F32, (40 << 20) + 5).unwrap().with_stream("large");
    let buffer = gpu.filler.create_filled(&gpu.queue, &fill, wgpu::BufferUsages::STORAGE).unwrap();
    let report = gpu.filler.check_against_cpu(&gpu.queue, &fill, buffer.slice(..)).unwrap();
    assert!(report.is_equal(), "{report}");
}

/// The tolerance is a promise about native arithmetic: samples are close, and not merely equal to themselves.
#[test]
fn native_normals_are_close_to_portable_ones() {
    let gpu = gpu();
    let portable = Fill::new(0, Law::normal(0.0, 1.0), DType::F32, 1 << 20).unwrap().with_seed(3);
    let native = Law::Normal { mean: 0.0, std: 1.0, math: Math::Native };
    let native = Fill::new(0, native, DType::F32, 1 << 20).unwrap().with_seed(3);
    let buffer = gpu.filler.create_filled(&gpu.queue, &native, wgpu::BufferUsages::STORAGE).unwrap();
    let bytes = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
    let native = cpu::elements(DType::F32, &bytes).map(|bits| f64::from(f32::from_bits(bits as u32)));
    let worst = cpu::values(&portable).unwrap().into_iter().zip(native).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst > 0.0 && worst <= Math::NATIVE_TOLERANCE, "{worst}");
}

/// A report names the first element that differs, with both bit patterns.
#[test]
fn reports_name_the_first_difference() {
    let gpu = gpu();
    let fill = Fill::new(0, Law::Constant(1.0), DType::BF16, 1000).unwrap();
    let buffer = gpu.filler.create_filled(&gpu.queue, &fill, wgpu::BufferUsages::empty()).unwrap();
    let wrong = Fill::new(0, Law::Constant(2.0), DType::BF16, 3).unwrap();
    gpu.filler.submit(&gpu.queue, &wrong, buffer.slice(2 * 501..)).unwrap();
    let different = gpu.filler.check_against_cpu(&gpu.queue, &fill, buffer.slice(..)).unwrap_err();
    let expected = Error::Different { elements: 1000, different: 3, index: 501, expected: 0x3f80, found: 0x4000 };
    assert_eq!(different, expected);
}

/// What a fill cannot be written to is refused with a reason, before anything is recorded.
#[test]
fn impossible_targets_are_refused() {
    let gpu = gpu();
    let fill = Fill::new(0, Law::normal(0.0, 1.0), DType::F16, 9).unwrap();
    let buffer = gpu.buffer(64, 0);
    let message = |slice| gpu.filler.submit(&gpu.queue, &fill, slice).unwrap_err().to_string();
    assert_eq!(
        message(buffer.slice(4..20)),
        "the fill needs 18 bytes, the destination has 16; make it larger or fill a shorter range"
    );
    assert_eq!(message(buffer.slice(5..)), "byte offset 5 is not a multiple of 2; align it");
    let descriptor = wgpu::BufferDescriptor {
        label: None,
        size: 64,
        usage: wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    };
    let plain = gpu.device.create_buffer(&descriptor);
    assert_eq!(message(plain.slice(..)), "the buffer lacks BufferUsages::STORAGE; create it with that usage");
    let read = gpu.filler.read_back(&gpu.queue, plain.slice(..)).unwrap_err();
    assert_eq!(read.to_string(), "the buffer lacks BufferUsages::COPY_SRC; create it with that usage");

    let limited = gpu_with(wgpu::Limits { max_buffer_size: 1 << 20, ..wgpu::Limits::downlevel_defaults() });
    let large = Fill::new(0, Law::normal(0.0, 1.0), DType::F32, 1 << 20).unwrap();
    assert_eq!(
        limited.filler.create_filled(&limited.queue, &large, wgpu::BufferUsages::empty()).unwrap_err().to_string(),
        "the device's limit max_buffer_size is 1048576, at least 4194304 is needed; \
         request the device with a higher limit"
    );
}
