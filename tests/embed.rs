//! The embedding contract: what recording does to a caller's buffers, passes and devices, and what it never does.

mod common;

use common::{Gpu, gpu, gpu_with};
use weightinit::{DType, Fill, Law, cpu, wgpu};

const TYPES: [DType; 6] = DType::FLOATS;

fn normal(dtype: DType, len: u64) -> Fill {
    Fill::new(0, Law::normal(0.0, 0.02), dtype, len).unwrap().with_seed(9).with_stream("embed")
}

/// Runs what `record` records, and returns the buffer's bytes.
fn bytes_after(gpu: &Gpu, buffer: &wgpu::Buffer, record: impl FnOnce(&mut wgpu::CommandEncoder)) -> Vec<u8> {
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    record(&mut encoder);
    gpu.queue.submit([encoder.finish()]);
    gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap()
}

/// Every alignment of beginning and end within two units, every type, random values and constants: the range is right
/// and nothing around it changes, down to the other half of a shared word.
#[test]
fn neighbours_keep_their_bits_at_every_alignment() {
    let gpu = gpu();
    for dtype in TYPES {
        let size = dtype.size();
        let mut fills = Vec::new();
        for start in 0..64 / size {
            for len in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31] {
                let whole = normal(dtype, 1 << 20);
                fills.push((start, whole.range(start * 3..start * 3 + len).unwrap()));
                fills.push((start, Fill::new(0, Law::Constant(1.0), dtype, len).unwrap()));
                fills.push((start, Fill::new(0, Law::Constant(0.0), dtype, len).unwrap()));
            }
        }
        // Each in its own 512 bytes of one buffer, all in one pass.
        let stride = 512;
        let buffer = gpu.buffer(stride * fills.len() as u64, 0xa5);
        let targets: Vec<_> = (0..)
            .zip(&fills)
            .map(|(index, (start, fill))| (fill, buffer.slice(index * stride + 64 + start * size..)))
            .collect();
        let bytes = bytes_after(gpu, &buffer, |encoder| gpu.filler.encode_all(encoder, &targets).unwrap());
        for (found, (start, fill)) in bytes.chunks(stride as usize).zip(&fills) {
            let mut expected = vec![0xa5; stride as usize];
            let start = (64 + start * size) as usize;
            expected[start..start + fill.byte_count() as usize].copy_from_slice(&cpu::bytes(fill).unwrap());
            assert!(found == expected, "{dtype}, start {start}, {:?}", fill.elements());
        }
    }
}

/// Fills that share words at their ends: an odd number of 16-bit elements after another.
#[test]
fn tensors_can_be_packed_without_gaps() {
    let gpu = gpu();
    for dtype in TYPES {
        let lengths = [1u64, 3, 2, 7, 1, 1, 513, 5];
        let fills: Vec<_> =
            (0..).zip(lengths).map(|(stream, len)| normal(dtype, len).with_stream(stream as u64)).collect();
        let total = lengths.iter().sum::<u64>() * dtype.size();
        let buffer = gpu.buffer(total.next_multiple_of(4), 0);
        let mut offset = 0;
        let targets: Vec<_> = fills
            .iter()
            .map(|fill| {
                let slice = buffer.slice(offset..);
                offset += fill.byte_count();
                (fill, slice)
            })
            .collect();
        let bytes = bytes_after(gpu, &buffer, |encoder| gpu.filler.encode_all(encoder, &targets).unwrap());
        let expected: Vec<u8> = fills.iter().flat_map(|fill| cpu::bytes(fill).unwrap()).collect();
        assert!(bytes[..expected.len()] == expected, "{dtype}");
    }
}

/// Fills between other work of one pass, and a recording that is used twice.
#[test]
fn passes_and_recordings_are_the_callers() {
    let gpu = gpu();
    let (fill, zeros) = (normal(DType::F32, 1000), Fill::new(0, Law::Constant(0.0), DType::F32, 10).unwrap());
    let buffer = gpu.buffer(4040, 1);
    let reset = gpu.filler.prepare(&[(&fill, buffer.slice(..4000)), (&zeros, buffer.slice(4000..))]).unwrap();
    assert!(!reset.is_empty());
    let noise = normal(DType::F32, 10).with_stream("noise");
    let expected = [cpu::bytes(&fill).unwrap(), cpu::bytes(&noise).unwrap()].concat();
    for _ in 0..2 {
        let bytes = bytes_after(gpu, &buffer, |encoder| {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            reset.record(&mut pass);
            gpu.filler.encode_in_pass(&mut pass, &[(&noise, buffer.slice(4000..))]).unwrap();
        });
        assert!(bytes == expected);
    }
}

/// A refused fill among others: nothing is recorded, not even those before it.
#[test]
fn refused_batches_record_nothing() {
    let gpu = gpu();
    let (good, zeros) = (normal(DType::F32, 8), Fill::new(0, Law::Constant(0.0), DType::F32, 8).unwrap());
    let buffer = gpu.buffer(64, 0xa5);
    let bytes = bytes_after(gpu, &buffer, |encoder| {
        let targets = [(&good, buffer.slice(..)), (&zeros, buffer.slice(32..)), (&good, buffer.slice(40..))];
        gpu.filler.encode_all(encoder, &targets).unwrap_err();
    });
    assert_eq!(bytes, [0xa5; 64]);
}

/// A model of many small tensors: one pass, and every one right.
#[test]
fn thousands_of_tensors_in_one_pass() {
    let gpu = gpu();
    let laws = [
        Law::normal(0.0, 0.02),
        Law::uniform(-0.1, 0.1),
        Law::Constant(1.0),
        Law::truncated_normal(0.0, 0.02, -0.04, 0.04).unwrap(),
    ];
    let fills: Vec<_> = (0..10_000u64)
        .map(|index| {
            let (law, dtype) = (laws[index as usize % 4].clone(), TYPES[index as usize % 6]);
            Fill::new(0, law, dtype, 1 + index % 61).unwrap().with_stream(index)
        })
        .collect();
    let buffer = gpu.buffer(512 * fills.len() as u64, 0);
    let targets: Vec<_> = (0..).zip(&fills).map(|(index, fill)| (fill, buffer.slice(512 * index..))).collect();
    let bytes = bytes_after(gpu, &buffer, |encoder| gpu.filler.encode_all(encoder, &targets).unwrap());
    for (index, (found, fill)) in bytes.chunks(512).zip(&fills).enumerate() {
        assert!(found[..fill.byte_count() as usize] == cpu::bytes(fill).unwrap(), "tensor {index}");
    }
}

/// Limits come from the device: those of an engine that asked for little, and wgpu's own defaults.
#[test]
fn devices_of_any_limits_are_served() {
    for limits in [wgpu::Limits::downlevel_defaults(), wgpu::Limits::defaults()] {
        let gpu = gpu_with(limits.clone());
        let capabilities = gpu.filler.capabilities();
        assert_eq!(capabilities.max_storage_buffer_binding_size, limits.max_storage_buffer_binding_size);
        // More than one binding, from an offset that no binding can begin at.
        let len = limits.max_storage_buffer_binding_size / 4 + 1000;
        let fill = Fill::new(0, Law::uniform(-1.0, 1.0), DType::F32, len).unwrap();
        let buffer = gpu.buffer(fill.byte_count() + 12, 0);
        gpu.filler.submit(&gpu.queue, &fill, buffer.slice(12..)).unwrap();
        let report = gpu.filler.check_against_cpu(&gpu.queue, &fill, buffer.slice(12..)).unwrap();
        assert!(report.is_equal(), "{report}");
    }
    let none = wgpu::Limits::downlevel_webgl2_defaults();
    assert_eq!(none.max_compute_workgroup_size_x, 0);
}

/// The largest single buffer that the device allows, up to 2 GiB of bf16.
#[test]
fn the_largest_buffer_is_filled() {
    let gpu = gpu();
    let bytes = gpu.device.limits().max_buffer_size.min(2 << 30) / 4 * 4;
    let fill = Fill::new(0, Law::uniform(-0.02, 0.02), DType::BF16, bytes / 2).unwrap().with_stream("largest");
    let buffer = gpu.filler.create_filled(&gpu.queue, &fill, wgpu::BufferUsages::STORAGE).unwrap();
    let report = gpu.filler.check_against_cpu(&gpu.queue, &fill, buffer.slice(..)).unwrap();
    assert!(report.is_equal() && report.elements == bytes / 2, "{report}");
}

/// Elements around 2^32 and beyond 2^40: their indices are 64-bit from the request to the counter.
#[test]
fn indices_beyond_32_bits_do_not_wrap() {
    let gpu = gpu();
    for dtype in TYPES {
        let whole = normal(dtype, 1 << 50);
        let ranges = [(1 << 32) - 1000..(1 << 32) + 1000, 1 << 40..(1 << 40) + 777, (1 << 34) - 3..(1 << 34) + 3];
        for range in ranges {
            let fill = whole.range(range.clone()).unwrap();
            let buffer = gpu.filler.create_filled(&gpu.queue, &fill, wgpu::BufferUsages::STORAGE).unwrap();
            let report = gpu.filler.check_against_cpu(&gpu.queue, &fill, buffer.slice(..)).unwrap();
            assert!(report.is_equal(), "{dtype} {range:?}: {report}");
            let last = (range.end - 1) % (1 << 32);
            let wrapped = whole.range(last..last + 1).unwrap();
            assert_ne!(cpu::values(&wrapped).unwrap().last(), cpu::values(&fill).unwrap().last());
        }
    }
}
