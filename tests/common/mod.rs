//! What the GPU tests share: one device for each test binary. Without an adapter they fail.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod progress;
pub(crate) mod slicing;

use std::sync::OnceLock;

use weightinit::gpu::{self, Filler};
use weightinit::wgpu;

/// Whether all tests are asked for (`scripts/test --all`), and not those that a change is tried by.
pub(crate) fn all() -> bool {
    std::env::var_os("WEIGHTINIT_TEST_ALL").is_some()
}

/// A device with its queue and filler.
pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) filler: Filler,
}

/// The first adapter's device, with the adapter's own limits and features.
pub(crate) fn gpu() -> &'static Gpu {
    static GPU: OnceLock<Gpu> = OnceLock::new();
    GPU.get_or_init(|| {
        let (device, queue) = pollster::block_on(gpu::open(&adapter())).expect("the adapter opens");
        Gpu { filler: Filler::new(&device).expect("compute shaders"), device, queue }
    })
}

/// A device of its own with chosen limits and no features.
pub(crate) fn gpu_with(limits: wgpu::Limits) -> Gpu {
    let descriptor = wgpu::DeviceDescriptor { required_limits: limits, ..wgpu::DeviceDescriptor::default() };
    let (device, queue) = pollster::block_on(adapter().request_device(&descriptor)).expect("the adapter opens");
    Gpu { filler: Filler::new(&device).expect("compute shaders"), device, queue }
}

/// Every adapter's device, each adapter once, with its name.
pub(crate) fn gpus() -> Vec<(String, Gpu)> {
    let mut gpus: Vec<(String, Gpu)> = Vec::new();
    for adapter in pollster::block_on(gpu::adapters()) {
        let name = gpu::describe(&adapter.get_info());
        if gpus.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let (device, queue) = pollster::block_on(gpu::open(&adapter)).expect("the adapter opens");
        gpus.push((name, Gpu { filler: Filler::new(&device).expect("compute shaders"), device, queue }));
    }
    gpus
}

fn adapter() -> wgpu::Adapter {
    let adapters = pollster::block_on(gpu::adapters());
    adapters.into_iter().next().expect("an adapter: install mesa-vulkan-drivers and libvulkan1 (scripts/test does it)")
}

impl Gpu {
    /// A buffer of `size` bytes that holds `pattern` everywhere.
    pub(crate) fn buffer(&self, size: u64, pattern: u8) -> wgpu::Buffer {
        use wgpu::BufferUsages as Usages;
        let usage = Usages::STORAGE | Usages::COPY_SRC | Usages::COPY_DST;
        let descriptor = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        self.queue.write_buffer(&buffer, 0, &vec![pattern; size as usize]);
        buffer
    }
}
