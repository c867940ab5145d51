//! The adapters of this machine.

use anyhow::Result;
use weightinit::gpu::{Filler, adapters, adapters_with};
use weightinit::wgpu;

/// What is said where there is none at all.
pub(crate) const NONE: &str = "no GPU adapter found (a Vulkan, Metal or DX12 driver is needed)";

/// All of them, whether or not they can be used, to compute on: without a check of indirect calls, of which there are
/// none.
pub(crate) fn list() -> Vec<wgpu::Adapter> {
    let flags = wgpu::InstanceFlags::default() - wgpu::InstanceFlags::VALIDATION_INDIRECT_CALL;
    pollster::block_on(adapters_with(flags))
}

/// The same, with the limits that devices have by wgpu's own choice.
pub(crate) fn list_to_show() -> Vec<wgpu::Adapter> {
    pollster::block_on(adapters())
}

/// The adapter's device and its filler.
pub(crate) fn open(adapter: &wgpu::Adapter) -> Result<(wgpu::Device, wgpu::Queue, Filler)> {
    let (device, queue) = pollster::block_on(weightinit::gpu::open(adapter))?;
    let filler = Filler::new(&device)?;
    Ok((device, queue, filler))
}
