//! Mesa's RADV on its null device: a Vulkan driver with the whole compiler and no hardware. It reads the GPU's family
//! from the environment of the process.
#![allow(unsafe_code, reason = "every call of Vulkan is")]

use std::ffi::{CStr, CString, c_char};

use anyhow::{Context, Result, ensure};
use ash::{khr, vk};

use crate::spirv::Shader;

/// What the driver says of a pipeline.
pub(crate) struct Executable {
    /// Numbers by their names, such as `VGPRs`.
    pub(crate) statistics: Vec<(String, u64)>,
    pub(crate) assembly: String,
}

/// A device that compiles and never runs.
pub(crate) struct Device {
    instance: ash::Instance,
    device: ash::Device,
    executables: khr::pipeline_executable_properties::Device,
    push_constants: u32,
    name: String,
    // The library stays loaded until the rest is dropped.
    _entry: ash::Entry,
}

impl Device {
    /// The first device of the Vulkan driver that the environment names.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: the Vulkan loader's initializers may run in this process.
        let entry = unsafe { ash::Entry::load() }.context("there is no Vulkan loader; Debian has it in libvulkan1")?;
        let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
        let info = vk::InstanceCreateInfo::default().application_info(&application);
        // SAFETY: `info` and what it points to live through the call.
        let instance = unsafe { entry.create_instance(&info, None) }.context("no instance of Vulkan")?;
        // SAFETY: the instance is alive, here and below.
        let physical = unsafe { instance.enumerate_physical_devices() }?;
        let &physical = physical.first().context("the driver has no device")?;
        // SAFETY: `physical` is one of this instance.
        let (properties, features) = unsafe {
            (instance.get_physical_device_properties(physical), instance.get_physical_device_features(physical))
        };
        let name = text(&properties.device_name);

        let priorities = [1.0];
        let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&priorities)];
        let extensions = [khr::pipeline_executable_properties::NAME, ash::ext::robustness2::NAME].map(CStr::as_ptr);
        let mut executables =
            vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default().pipeline_executable_info(true);
        // As wgpu asks for it.
        let mut robust = vk::PhysicalDeviceRobustness2FeaturesEXT::default().robust_buffer_access2(true);
        let info = vk::DeviceCreateInfo::default()
            .queue_create_infos(&queues)
            .enabled_extension_names(&extensions)
            .enabled_features(&features)
            .push_next(&mut executables)
            .push_next(&mut robust);
        // SAFETY: `info` and what it points to live through the call, and only what the device has is enabled: else it
        // is an error.
        let device = unsafe { instance.create_device(physical, &info, None) }.with_context(|| format!("no {name}"))?;
        let executables = khr::pipeline_executable_properties::Device::new(&instance, &device);
        let push_constants = properties.limits.max_push_constants_size;
        Ok(Self { instance, device, executables, push_constants, name, _entry: entry })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Compiles one entry point, and hands out what became of it.
    pub(crate) fn compile(&self, shader: &Shader, entry_point: &str) -> Result<Executable> {
        let code = shader.words()?;
        let entry_point = CString::new(entry_point)?;
        let bindings: Vec<_> = shader
            .bindings()
            .iter()
            .map(|binding| {
                let kind = match binding.uniform {
                    true => vk::DescriptorType::UNIFORM_BUFFER,
                    false => vk::DescriptorType::STORAGE_BUFFER,
                };
                vk::DescriptorSetLayoutBinding::default()
                    .binding(binding.number)
                    .descriptor_type(kind)
                    .descriptor_count(1)
                    .stage_flags(vk::ShaderStageFlags::COMPUTE)
            })
            .collect();
        let set = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
        let immediates =
            [vk::PushConstantRange::default().stage_flags(vk::ShaderStageFlags::COMPUTE).size(self.push_constants)];
        let module = vk::ShaderModuleCreateInfo::default().code(&code);
        let device = &self.device;
        // SAFETY: naga has validated the shader, whose bindings these are; every handle is one of this device, is used
        // before it is destroyed, and is destroyed once. After an error some are not: the process is about to end.
        unsafe {
            let module = device.create_shader_module(&module, None)?;
            let sets = [device.create_descriptor_set_layout(&set, None)?];
            let layout = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets).push_constant_ranges(&immediates);
            let layout = device.create_pipeline_layout(&layout, None)?;
            let stage = vk::PipelineShaderStageCreateInfo::default()
                .stage(vk::ShaderStageFlags::COMPUTE)
                .module(module)
                .name(&entry_point);
            let wanted = vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
                | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
            let info = vk::ComputePipelineCreateInfo::default().stage(stage).layout(layout).flags(wanted);
            let pipelines = device
                .create_compute_pipelines(vk::PipelineCache::null(), &[info], None)
                .map_err(|(_, error)| error)
                .context("the driver does not compile it")?;
            let executable = self.executable(pipelines[0]);
            device.destroy_pipeline(pipelines[0], None);
            device.destroy_pipeline_layout(layout, None);
            device.destroy_descriptor_set_layout(sets[0], None);
            device.destroy_shader_module(module, None);
            executable
        }
    }

    /// # Safety
    /// `pipeline` is a compute pipeline of this device, and what it holds was captured.
    unsafe fn executable(&self, pipeline: vk::Pipeline) -> Result<Executable> {
        let info = vk::PipelineExecutableInfoKHR::default().pipeline(pipeline).executable_index(0);
        // SAFETY: by the caller's promise, and since a compute pipeline has one executable.
        let statistics = unsafe { self.executables.get_pipeline_executable_statistics(&info) }?;
        let statistics = statistics
            .iter()
            .map(|statistic| {
                // SAFETY: RADV gives all its numbers in this form, and all bits of it are a number.
                (text(&statistic.name), unsafe { statistic.value.u64 })
            })
            .collect();
        // SAFETY: as above. The first call says how long the texts are, the second fills buffers of that length.
        let mut texts = unsafe { self.executables.get_pipeline_executable_internal_representations(&info) }?;
        let mut buffers: Vec<Vec<u8>> = texts.iter().map(|text| vec![0; text.data_size]).collect();
        for (text, buffer) in texts.iter_mut().zip(&mut buffers) {
            text.p_data = buffer.as_mut_ptr().cast();
        }
        let mut count = texts.len() as u32;
        let get = self.executables.fp().get_pipeline_executable_internal_representations_khr;
        // SAFETY: `count` and the lengths are those of the buffers, which are alive.
        unsafe { get(self.device.handle(), &info, &mut count, texts.as_mut_ptr()) }.result()?;
        let assembly = texts.iter().zip(&buffers).find(|(of, _)| text(&of.name) == "Assembly");
        let (_, assembly) = assembly.context("the driver shows no assembly")?;
        let assembly = String::from_utf8_lossy(assembly).trim_end_matches('\0').to_owned();
        ensure!(!assembly.is_empty(), "the driver's assembly is empty");
        // Mesa then prints the compiler's own notation, in which no fused instruction would be seen.
        ensure!(
            !assembly.starts_with("Shader disassembly is not supported"),
            "the driver cannot disassemble this family's code"
        );
        Ok(Executable { statistics, assembly })
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: nobody has them any more, and nothing was submitted.
        unsafe {
            self.device.destroy_device(None);
            self.instance.destroy_instance(None);
        }
    }
}

/// A name in an array of fixed length.
fn text(array: &[c_char]) -> String {
    let bytes: Vec<u8> = array.iter().map(|&byte| byte as u8).take_while(|&byte| byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
