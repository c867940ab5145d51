//! Devices that are lost or out of memory: typed errors, and no panic.

use weightinit::error::DeviceError;
use weightinit::gpu::{self, Filler};
use weightinit::{DType, Error, Fill, Initializer, Law, Layout, wgpu};

fn devices() -> impl Iterator<Item = (String, wgpu::Device, wgpu::Queue)> {
    let adapters = pollster::block_on(gpu::adapters());
    assert!(!adapters.is_empty(), "no adapter; scripts/test installs one");
    adapters.into_iter().map(|adapter| {
        let (device, queue) = pollster::block_on(gpu::open(&adapter)).unwrap();
        (gpu::describe(&adapter.get_info()), device, queue)
    })
}

fn fill() -> Fill {
    Fill::new("fill", Law::normal(0.0, 1.0), DType::F32, 1000).unwrap()
}

/// What `clear_buffer` does.
fn zeros() -> Fill {
    Fill::new("zeros", Law::Constant(0.0), DType::F32, 1000).unwrap()
}

#[test]
fn lost_devices_are_named() {
    for (name, device, queue) in devices() {
        let filler = Filler::new(&device).unwrap();
        let buffer = filler.create_filled(&queue, &fill(), wgpu::BufferUsages::empty()).unwrap();
        assert_eq!(filler.read_back(&queue, buffer.slice(..)).unwrap().len(), 4000, "{name}");

        device.destroy();
        let lost = |result: weightinit::Result<()>| assert_eq!(result, Err(Error::Device(DeviceError::Lost)), "{name}");
        lost(filler.read_back(&queue, buffer.slice(..)).map(drop));
        lost(filler.check_against_cpu(&queue, &fill(), buffer.slice(..)).map(drop));
        lost(filler.self_check(&queue).map(drop));
        // Not on what was made before the loss or after.
        lost(filler.submit(&queue, &fill(), buffer.slice(..)));
        lost(filler.prepare(&[(&fill(), buffer.slice(..))]).map(drop));
        lost(filler.submit(&queue, &zeros(), buffer.slice(..)));
        lost(filler.create_filled(&queue, &fill(), wgpu::BufferUsages::empty()).map(drop));
        // A law whose table is not on the device yet.
        let other = Fill::new("w", Law::laplace(0.0, 1.0).unwrap(), DType::F32, 1000).unwrap();
        lost(filler.submit(&queue, &other, buffer.slice(..)));
        let orthogonal = Initializer::orthogonal(1.0).request("w", &[20, 20], Layout::Torch, DType::F32).unwrap();
        lost(filler.submit(&queue, &orthogonal, buffer.slice(..)));
        lost(filler.read_back(&queue, buffer.slice(..)).map(drop));
    }
}

/// Without immediates, parameters go by a buffer that a lost device cannot map.
#[test]
fn lost_devices_without_immediates_are_named() {
    for adapter in pollster::block_on(gpu::adapters()) {
        let descriptor = wgpu::DeviceDescriptor::default();
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).unwrap();
        let filler = Filler::new(&device).unwrap();
        let buffer = filler.create_filled(&queue, &fill(), wgpu::BufferUsages::empty()).unwrap();
        device.destroy();
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        assert_eq!(filler.encode(&mut encoder, &fill(), buffer.slice(..)), Err(Error::Device(DeviceError::Lost)));
        assert_eq!(filler.submit(&queue, &fill(), buffer.slice(..)), Err(Error::Device(DeviceError::Lost)));
        assert_eq!(filler.prepare(&[(&fill(), buffer.slice(..))]).map(drop), Err(Error::Device(DeviceError::Lost)));
    }
}

/// Buffers of another device of the adapter, and buffers that are gone.
#[test]
fn other_devices_buffers_are_refused() {
    for adapter in pollster::block_on(gpu::adapters()) {
        let (device, queue) = pollster::block_on(gpu::open(&adapter)).unwrap();
        let (other, _) = pollster::block_on(gpu::open(&adapter)).unwrap();
        let filler = Filler::new(&device).unwrap();
        let refused = |request: &Fill, buffer: &wgpu::Buffer| {
            let refused = filler.submit(&queue, request, buffer.slice(..));
            assert!(matches!(refused, Err(Error::Device(DeviceError::Failed(_)))), "{refused:?}");
        };
        let of = |device: &wgpu::Device, usage| {
            let descriptor = wgpu::BufferDescriptor { label: None, size: 4000, usage, mapped_at_creation: false };
            device.create_buffer(&descriptor)
        };
        let storage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let gone = of(&device, storage);
        gone.destroy();
        for buffer in [of(&other, storage), gone] {
            refused(&fill(), &buffer);
            refused(&zeros(), &buffer);
        }
        refused(&zeros(), &of(&other, wgpu::BufferUsages::COPY_DST));
    }
}

/// What was submitted before the loss may be complete or not; waiting for it ends.
#[test]
fn losses_in_the_middle_end_the_wait() {
    for (name, device, queue) in devices() {
        let filler = Filler::new(&device).unwrap();
        let fill = Fill::new(0, Law::normal(0.0, 1.0), DType::F32, 1 << 22).unwrap();
        let buffer = filler.create_filled(&queue, &fill, wgpu::BufferUsages::empty()).unwrap();
        device.destroy();
        gpu::wait(&device, wgpu::PollType::wait_indefinitely()).unwrap();
        assert_eq!(filler.read_back(&queue, buffer.slice(..)), Err(Error::Device(DeviceError::Lost)), "{name}");
    }
}

/// Software adapters give whatever the system promises, so that what wgpu reports is made here.
#[test]
fn memory_and_other_failures_are_told_apart() {
    let source = || Box::<dyn std::error::Error + Send + Sync>::from("cause");
    assert_eq!(Error::from(wgpu::Error::OutOfMemory { source: source() }), Error::Device(DeviceError::OutOfMemory));
    let invalid = wgpu::Error::Validation { source: source(), description: "too long".to_owned() };
    assert!(matches!(Error::from(invalid), Error::Device(DeviceError::Failed(text)) if text.contains("too long")));
}
