//! Updates in place: against plain arithmetic, on the GPU and on the CPU, of every type, view and alignment.

mod common;

use common::{gpu, gpu_with};
use proptest::prelude::*;
use weightinit::error::{DeviceError, LawError};
use weightinit::plan::UpdateKind;
use weightinit::request::{Update, View};
use weightinit::{DType, Error, Fill, Initializer, Law, Layout, Request, cpu, wgpu};

const ARITHMETIC: [DType; 5] = [DType::F32, DType::F16, DType::BF16, DType::F8E4M3, DType::F8E5M2];

fn normal(dtype: DType, len: u64) -> Fill {
    Fill::new(0, Law::normal(0.0, 0.5), dtype, len).unwrap().with_seed(11).with_stream("updates")
}

/// The bytes of elements.
fn bytes(dtype: DType, elements: impl IntoIterator<Item = u64>) -> Vec<u8> {
    elements.into_iter().flat_map(|bits| bits.to_le_bytes().into_iter().take(dtype.size() as usize)).collect()
}

/// What an element of ordinary size becomes, in the machine's own arithmetic.
fn blended(dtype: DType, keep: f64, old: u64, sample: u64) -> u64 {
    let (old, sample) = (dtype.value(old) as f32, dtype.value(sample) as f32);
    let sum = f64::from(keep as f32 * old + sample).clamp(-dtype.max(), dtype.max());
    dtype.bits(sum + 0.0)
}

/// Which elements a view has, by going through the axis place by place.
fn listed(shape: &[u64], axis: usize, places: &[u64]) -> Vec<bool> {
    let mut inside = Vec::new();
    for element in 0..shape.iter().product() {
        let (mut rest, mut index) = (element, vec![0; shape.len()]);
        for (place, length) in index.iter_mut().zip(shape).rev() {
            (*place, rest) = (rest % length, rest / length);
        }
        inside.push(places.contains(&index[axis]));
    }
    inside
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any part of any tensor, at any place of a buffer: each element of the view becomes what it should, all else
    /// stays.
    #[test]
    fn every_element_is_updated_alone(
        shape in proptest::collection::vec(1u64..9, 1..5),
        (axis, places, step) in (any::<proptest::sample::Index>(), any::<[proptest::sample::Index; 2]>(), 1u64..4),
        (dtype, keep) in (proptest::sample::select(DType::FLOATS.to_vec()), proptest::option::of(-2.0..2.0)),
        cuts in any::<[proptest::sample::Index; 2]>(),
        (slot, seed) in (0u64..70, any::<u64>()),
    ) {
        let keep = keep.filter(|_| dtype != DType::F64);
        let axis = axis.index(shape.len());
        let [start, end] = places.map(|place| place.index(shape[axis] as usize) as u64);
        let (start, end) = (start.min(end), start.max(end) + 1);
        let view = View::new(&shape, axis, start..end).unwrap().with_step(step).unwrap();
        let places: Vec<_> = (start..end).step_by(step as usize).collect();
        prop_assert_eq!(view.slices(), places.len() as u64);

        let len: u64 = shape.iter().product();
        let [first, last] = cuts.map(|cut| cut.index(len as usize) as u64);
        let range = first.min(last)..first.max(last) + 1;
        let fresh = normal(dtype, len).with_seed(seed);
        let before = cpu::bytes(&normal(dtype, len)).unwrap();
        let old: Vec<_> = cpu::elements(dtype, &before).collect();
        let samples: Vec<_> = cpu::elements(dtype, &cpu::bytes(&fresh).unwrap()).collect();
        let inside = listed(&shape, axis, &places);
        let expected = range.clone().map(|element| {
            let element = element as usize;
            prop_assert_eq!(view.contains(element as u64), inside[element]);
            Ok(match keep {
                _ if !inside[element] => old[element],
                Some(keep) => blended(dtype, keep, old[element], samples[element]),
                None => samples[element],
            })
        });
        let expected = bytes(dtype, expected.collect::<Result<Vec<_>, _>>()?);

        let update = match keep {
            Some(keep) => Update::blend(keep, fresh).unwrap(),
            None => Update::replace(fresh),
        };
        let update = update.with_view(view).unwrap().range(range.clone()).unwrap();
        let size = dtype.size();
        let part = &before[(range.start * size) as usize..(range.end * size) as usize];
        let mut found = part.to_vec();
        cpu::write(&update, &mut found).unwrap();
        prop_assert!(found == expected, "CPU");

        let (gpu, offset) = (gpu(), slot * size);
        let buffer = gpu.buffer((offset + part.len() as u64 + 64).next_multiple_of(4), 0xa5);
        let mut guarded = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
        let place = offset as usize..offset as usize + part.len();
        guarded[place.clone()].copy_from_slice(part);
        gpu.queue.write_buffer(&buffer, 0, &guarded);
        gpu.filler.submit(&gpu.queue, &update, buffer.slice(offset..)).unwrap();
        guarded[place].copy_from_slice(&expected);
        prop_assert!(gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap() == guarded, "GPU");
    }
}

/// Every pair of two 8-bit numbers, and those of 16 bits against themselves turned around: no rounding is a special
/// case.
#[test]
fn sums_of_short_numbers_are_rounded_once() {
    for dtype in [DType::F8E4M3, DType::F8E5M2, DType::F16, DType::BF16] {
        let numbers: Vec<u64> = (0..1 << (8 * dtype.size())).collect();
        let is_finite = |bits: u64| dtype.value(bits).is_finite();
        let old: Vec<_> = match dtype.size() {
            1 => numbers.iter().flat_map(|old| std::iter::repeat_n(*old, 256)).collect(),
            _ => numbers.iter().copied().filter(|bits| (1e-20..1e30).contains(&dtype.value(*bits).abs())).collect(),
        };
        for factor in [1.0, -0.75, 1.0 / 3.0] {
            let update = Update::blend(factor, normal(dtype, old.len() as u64)).unwrap();
            let samples = cpu::bytes(update.fill()).unwrap();
            let expected = old
                .iter()
                .zip(cpu::elements(dtype, &samples))
                .map(|(&old, sample)| if is_finite(old) { blended(dtype, factor, old, sample) } else { old });
            let mut found = bytes(dtype, old.iter().copied());
            let expected = bytes(dtype, expected);
            cpu::write(&update, &mut found).unwrap();
            assert!(found == expected, "{dtype} {factor}");
        }
    }
}

/// Noise on zeros is the fill itself, but that a 0 has no sign; a replaced tensor too; a factor of 1 changes nothing.
#[test]
fn updates_agree_with_fills() {
    for dtype in ARITHMETIC {
        let fill = normal(dtype, 5000);
        let filled = cpu::bytes(&fill).unwrap();
        let unsigned = |bits| if dtype.value(bits) == 0.0 { 0 } else { bits };
        let expected = bytes(dtype, cpu::elements(dtype, &filled).map(unsigned));
        let mut zeros = vec![0; expected.len()];
        cpu::write(&Update::add(fill.clone()).unwrap(), &mut zeros).unwrap();
        assert!(zeros == expected, "{dtype}");
        let mut garbage = vec![0xff; expected.len()];
        let replace = Update::replace(fill.clone());
        assert_eq!(replace.kind(), UpdateKind::Fill);
        cpu::write(&replace, &mut garbage).unwrap();
        assert!(garbage == filled, "{dtype}");
        cpu::write(&Update::scale(1.0, dtype, 5000).unwrap(), &mut garbage).unwrap();
        assert!(garbage == expected, "{dtype}");
    }
}

/// The extremes, as the documentation says.
#[test]
fn extremes_saturate_and_vanish() {
    let update = |update: &Update, elements: &[f32]| -> Vec<f32> {
        let mut bytes = elements.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>();
        let gpu = gpu();
        let buffer = gpu.buffer(bytes.len() as u64, 0);
        gpu.queue.write_buffer(&buffer, 0, &bytes);
        cpu::write(update, &mut bytes).unwrap();
        gpu.filler.submit(&gpu.queue, update, buffer.slice(..)).unwrap();
        assert!(gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap() == bytes);
        cpu::elements(DType::F32, &bytes).map(|bits| f32::from_bits(bits as u32)).collect()
    };
    let scale = |factor| Update::scale(factor, DType::F32, 4).unwrap();
    let large = 2f32.powi(126);
    assert_eq!(update(&scale(2.0), &[f32::MAX, -f32::MAX, 1.5, large]), [large, -large, 3.0, large]);
    let found = update(&scale(0.5), &[f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 2f32.powi(-126)]);
    assert_eq!(found[..2], [f32::INFINITY, f32::NEG_INFINITY]);
    assert!(found[2].is_nan());
    assert_eq!(found[3], 0.0);
    let small = 2f32.powi(-125);
    assert_eq!(update(&scale(1.0), &[small, -small, small * 0.5, 0.0]), [small, -small, 0.0, 0.0]);
    assert_eq!(update(&scale(0.0), &[1.0, -1.0, f32::MAX, -0.0]).map_bits(), [0; 4]);
    let add = Update::add(Fill::new(0, Law::Constant(1.0), DType::F32, 4).unwrap()).unwrap();
    assert_eq!(update(&add, &[-1.0, 2f32.powi(-103), 2f32.powi(-25), 1e30]).map_bits()[0], 0);
    // Types whose largest value is small saturate there.
    let mut bytes = half::f16::MAX.to_le_bytes();
    cpu::write(&Update::scale(-3.0, DType::F16, 1).unwrap(), &mut bytes).unwrap();
    assert_eq!(half::f16::from_le_bytes(bytes), half::f16::MIN);
}

trait Bits {
    fn map_bits(&self) -> Vec<u32>;
}

impl Bits for Vec<f32> {
    fn map_bits(&self) -> Vec<u32> {
        self.iter().map(|x| x.to_bits()).collect()
    }
}

/// In windows and rows of workgroups, of a tensor with more than 2^32 elements, in the order in which they are given.
#[test]
fn updates_of_large_tensors_by_small_devices() {
    let limits = wgpu::Limits {
        max_storage_buffer_binding_size: 128 << 10,
        max_compute_workgroups_per_dimension: 7,
        ..wgpu::Limits::downlevel_defaults()
    };
    let gpu = gpu_with(limits);
    let shape = [3000, 1 << 12, 1 << 10];
    for dtype in DType::FLOATS {
        let whole = normal(dtype, shape.iter().product());
        let range = (1 << 32) - 30_001..(1 << 32) + 50_000;
        let columns =
            Update::replace(whole.clone().with_seed(1)).with_view(View::new(&shape, 1, 0..4000).unwrap()).unwrap();
        let slabs =
            Update::replace(whole.clone().with_seed(2)).with_view(View::new(&shape, 0, 1024..1025).unwrap()).unwrap();
        let elsewhere =
            Update::replace(whole.clone().with_seed(3)).with_view(View::new(&shape, 0, 7..9).unwrap()).unwrap();
        let mut updates = vec![columns, slabs, elsewhere];
        if dtype != DType::F64 {
            let noise = Update::blend(0.9, whole.clone().with_seed(4)).unwrap();
            updates.push(noise.with_view(View::new(&shape, 2, 1..1024).unwrap().with_step(2).unwrap()).unwrap());
        }
        let updates: Vec<_> = updates.iter().map(|update| update.range(range.clone()).unwrap()).collect();
        let fill = whole.range(range).unwrap();
        let mut expected = cpu::bytes(&fill).unwrap();
        let offset = 3 * dtype.size();
        let buffer = gpu.buffer(1 << 20, 0);
        let target = buffer.slice(offset..);
        gpu.filler.submit(&gpu.queue, &fill, target).unwrap();
        for update in &updates {
            cpu::write(update, &mut expected).unwrap();
        }
        let recorded: Vec<_> = updates.iter().map(|update| (update, target)).collect();
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        gpu.filler.encode_all(&mut encoder, &recorded).unwrap();
        gpu.queue.submit([encoder.finish()]);
        let found = gpu.filler.read_back(&gpu.queue, target).unwrap();
        assert!(found[..expected.len()] == expected, "{dtype}");
        assert!(found[expected.len()..].iter().all(|byte| *byte == 0), "{dtype}");
    }
}

#[test]
fn impossible_updates_are_refused() {
    let gpu = gpu();
    let message = |result: Result<Update, Error>| result.unwrap_err().to_string();
    let fill = |dtype| Fill::new(0, Law::Constant(1.0), dtype, 12).unwrap();
    assert_eq!(
        message(Update::add(fill(DType::F64))),
        "elements of f64 can be replaced, but not added to or scaled; shaders do not compute with them"
    );
    assert_eq!(message(Update::scale(f64::NAN, DType::F32, 1)), "parameter keep is NaN; it must be a finite number");
    assert!(matches!(Update::scale(1e39, DType::F32, 1), Err(Error::Law(LawError::Overflow { .. }))));
    assert!(matches!(Update::scale(1e-39, DType::F32, 1), Err(Error::Law(LawError::Subnormal { .. }))));
    assert!(matches!(Update::scale(1.0, DType::F32, 0), Err(Error::EmptyShape { .. })));
    let view = |shape: &[u64], axis, range| View::new(shape, axis, range).map(|_| ()).unwrap_err().to_string();
    assert_eq!(view(&[3, 4], 2, 0..1), "shape [3, 4] has no axis 2; its axes are numbered from 0");
    assert_eq!(view(&[3, 4], 1, 2..5), "element range 2..5 is not a non-empty part of 0..4");
    assert_eq!(view(&[3, 4], 1, 2..2), "element range 2..2 is not a non-empty part of 0..4");
    assert!(view(&[3, 0], 0, 0..1).contains("has no elements"));
    assert!(view(&[1 << 33, 2], 0, 0..1).contains("4294967295"));
    assert!(matches!(View::new(&[2], 0, 0..1).unwrap().with_step(0), Err(Error::ZeroDimension { .. })));
    assert_eq!(
        message(Update::replace(fill(DType::F32)).with_view(View::new(&[2, 5], 0, 0..1).unwrap())),
        "the view is of a tensor of 10 elements, the fill of one of 12; give both the same shape"
    );
    let update = Update::replace(fill(DType::F32));
    assert!(matches!(
        cpu::write(&update, &mut [0; 47]),
        Err(Error::Device(DeviceError::BufferTooSmall { needed: 48, available: 47 }))
    ));
    let small = gpu.buffer(44, 0);
    let refused = gpu.filler.submit(&gpu.queue, &update, small.slice(..));
    assert!(matches!(refused, Err(Error::Device(DeviceError::BufferTooSmall { needed: 48, available: 44 }))));
    let usage = wgpu::BufferUsages::COPY_DST;
    let unusable =
        gpu.device.create_buffer(&wgpu::BufferDescriptor { label: None, size: 48, usage, mapped_at_creation: false });
    let refused = gpu.filler.submit(&gpu.queue, &update, unusable.slice(..));
    assert!(matches!(refused, Err(Error::Device(DeviceError::MissingUsage { usage: "STORAGE" }))));
}

/// Whatever stands before or after an update in a list, recorded in any way: each request finds what those before it
/// left.
#[test]
fn lists_with_updates_run_in_order() {
    let gpu = gpu();
    let zeros: Request = Fill::new("zeros", Law::Constant(0.0), DType::F32, 256).unwrap().into();
    let normals: Request = normal(DType::F32, 256).into();
    let noise: Request = Update::add(normal(DType::F32, 256).with_stream("noise")).unwrap().into();
    let half: Request = Update::scale(0.5, DType::F32, 256).unwrap().into();
    let orthogonal = Initializer::orthogonal(1.0).request("w", &[16, 16], Layout::Torch, DType::F32).unwrap();
    let lists: [&[&Request]; 7] = [
        &[&orthogonal, &half],
        &[&noise, &zeros],
        &[&normals, &zeros, &noise],
        &[&normals, &noise, &zeros],
        &[&zeros, &orthogonal, &noise],
        &[&normals, &half, &orthogonal, &noise, &half],
        &[&orthogonal, &zeros, &half, &normals],
    ];
    for (number, requests) in lists.into_iter().enumerate() {
        let mut expected = vec![0; 1024];
        requests.iter().for_each(|request| cpu::write(*request, &mut expected).unwrap());
        for is_prepared in [false, true] {
            let buffer = gpu.buffer(1024, 0);
            let list: Vec<_> = requests.iter().map(|request| (*request, buffer.slice(..))).collect();
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            if is_prepared {
                let recording = gpu.filler.prepare(&list).unwrap();
                recording.record(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()));
            } else {
                gpu.filler.encode_all(&mut encoder, &list).unwrap();
            }
            gpu.queue.submit([encoder.finish()]);
            let found = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
            let apart = cpu::elements(DType::F32, &expected).zip(cpu::elements(DType::F32, &found));
            let apart = apart.map(|(a, b)| (DType::F32.value(a) - DType::F32.value(b)).abs()).fold(0.0, f64::max);
            // Orthogonal matrices are not equal to the bit.
            assert!(apart < 1e-5, "list {number}, prepared {is_prepared}: {apart}");
        }
    }
}
