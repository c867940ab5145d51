//! Adapters and devices, for those who do not bring their own.

use crate::error::{DeviceError, Error, Result};

/// Features that make fills faster, or their times known, where a device has them; none changes a bit.
const USEFUL: wgpu::Features = wgpu::Features::SHADER_INT64
    .union(wgpu::Features::IMMEDIATES)
    .union(wgpu::Features::TIMESTAMP_QUERY)
    .union(wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS);

/// All adapters that can run compute shaders, the fastest kind first: discrete, integrated, virtual, software.
///
/// Those of Vulkan, Metal, DX12 and WebGPU; where there are none, those of OpenGL. `WGPU_BACKEND` chooses others.
pub async fn adapters() -> Vec<wgpu::Adapter> {
    adapters_with(wgpu::InstanceFlags::default()).await
}

/// The same with other flags than wgpu's own; variables such as `WGPU_DEBUG` come first. Without
/// [`VALIDATION_INDIRECT_CALL`](wgpu::InstanceFlags::VALIDATION_INDIRECT_CALL) a device opens sooner, for those who
/// make no indirect calls, as nothing here does.
pub async fn adapters_with(flags: wgpu::InstanceFlags) -> Vec<wgpu::Adapter> {
    let chosen = wgpu::Backends::from_env();
    let mut adapters = adapters_of(chosen.unwrap_or(wgpu::Backends::PRIMARY), flags).await;
    if adapters.is_empty() && chosen.is_none() {
        adapters = adapters_of(wgpu::Backends::SECONDARY, flags).await;
    }
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    adapters
}

async fn adapters_of(backends: wgpu::Backends, flags: wgpu::InstanceFlags) -> Vec<wgpu::Adapter> {
    let environment = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
    let flags = flags.with_env();
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor { backends, flags, ..environment });
    let mut adapters = instance.enumerate_adapters(backends).await;
    adapters.retain(|adapter| {
        adapter.get_downlevel_capabilities().flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
            && adapter.get_info().backend != wgpu::Backend::Noop
    });
    adapters
}

/// A device with the adapter's own limits and the features that make fills faster. Where the processor and the adapter
/// share their memory, it has `MAPPABLE_PRIMARY_BUFFERS` too, so that what is filled can be read where it is.
///
/// # Errors
/// [`DeviceError::Failed`] if the adapter refuses.
pub async fn open(adapter: &wgpu::Adapter) -> Result<(wgpu::Device, wgpu::Queue)> {
    let useful = match adapter.get_info().device_type {
        wgpu::DeviceType::IntegratedGpu | wgpu::DeviceType::Cpu => USEFUL | wgpu::Features::MAPPABLE_PRIMARY_BUFFERS,
        _ => USEFUL,
    };
    let mut limits = adapter.limits();
    // As they are where indirect calls are validated: what is computed where must not depend on that.
    let most = u64::from(u32::MAX);
    limits.max_buffer_size = limits.max_buffer_size.min(most);
    limits.max_storage_buffer_binding_size = limits.max_storage_buffer_binding_size.min(most & !3);
    let descriptor = wgpu::DeviceDescriptor {
        label: Some("weightinit"),
        required_features: adapter.features() & useful,
        required_limits: limits,
        ..wgpu::DeviceDescriptor::default()
    };
    adapter.request_device(&descriptor).await.map_err(|error| Error::Device(DeviceError::Failed(error.to_string())))
}

/// An adapter in one line: name, backend, kind and driver.
pub fn describe(info: &wgpu::AdapterInfo) -> String {
    let driver = [info.driver.as_str(), info.driver_info.as_str()].join(" ");
    format!("{} ({:?}, {:?}, {})", info.name, info.backend, info.device_type, driver.trim())
}
