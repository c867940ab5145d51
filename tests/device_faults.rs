//! Devices that are lost or out of memory: typed errors, and no panic.

use weightinit::gpu::{self, Filler};
use weightinit::{DType, Error, Fill, Law, wgpu};

fn devices() -> impl Iterator<Item = (String, wgpu::Device, wgpu::Queue)> {
    let adapters = pollster::block_on(gpu::adapters());
    assert!(!adapters.is_empty(), "no adapter; scripts/test installs one");
    adapters.into_iter().map(|adapter| {
        let (device, queue) = pollster::block_on(gpu::open(&adapter)).unwrap();
        (gpu::describe(&adapter.get_info()), device, queue)
    })
}

fn fill() -> Fill {
    Fill::new(0, Law::normal(0.0, 1.0), DType::F32, 1000).unwrap()
}

#[test]
fn lost_devices_are_named() {
    for (name, device, queue) in devices() {
        let filler = Filler::new(&device).unwrap();
        let buffer = filler.create_filled(&queue, &fill(), wgpu::BufferUsages::empty()).unwrap();
        assert_eq!(filler.read_back(&queue, buffer.slice(..)).unwrap().len(), 4000, "{name}");

        device.destroy();
        let lost = |result: weightinit::Result<()>| assert_eq!(result, Err(Error::DeviceLost), "{name}");
        lost(filler.read_back(&queue, buffer.slice(..)).map(drop));
        lost(filler.check_against_cpu(&queue, &fill(), buffer.slice(..)).map(drop));
        lost(filler.self_check(&queue).map(drop));
        // Those that only record have nothing to notice; nor do they panic, not on what was made before the loss or after.
        for buffer in [buffer, filler.create_filled(&queue, &fill(), wgpu::BufferUsages::empty()).unwrap()] {
            filler.submit(&queue, &fill(), buffer.slice(..)).unwrap();
            lost(filler.read_back(&queue, buffer.slice(..)).map(drop));
        }
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
        assert_eq!(filler.read_back(&queue, buffer.slice(..)), Err(Error::DeviceLost), "{name}");
    }
}

/// Software adapters give whatever the system promises, so that what wgpu reports is made here.
#[test]
fn memory_and_other_failures_are_told_apart() {
    let source = || Box::<dyn std::error::Error + Send + Sync>::from("cause");
    assert_eq!(Error::from(wgpu::Error::OutOfMemory { source: source() }), Error::OutOfMemory);
    let invalid = wgpu::Error::Validation { source: source(), description: "too long".to_owned() };
    assert!(matches!(Error::from(invalid), Error::Device(text) if text.contains("too long")));
}
