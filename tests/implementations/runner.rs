//! Runs the JSON of `weightinit plan` with nothing but wgpu: what any other program would do with it.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU64;

use serde_json::Value;
use weightinit::wgpu;

/// A device with WebGPU's default limits.
pub(crate) struct Runner {
    /// The adapter in one line.
    #[allow(dead_code, reason = "the program's tests ask for buffers only")]
    pub(crate) adapter: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
}

impl Runner {
    /// The first adapter.
    pub(crate) fn new() -> Self {
        let adapters = pollster::block_on(weightinit::gpu::adapters());
        let adapter = adapters.first().expect("an adapter: scripts/test installs one");
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).unwrap();
        Self { adapter: weightinit::gpu::describe(&adapter.get_info()), device, queue }
    }

    /// What each tensor's buffer holds after all dispatches.
    pub(crate) fn run(&self, plan: &Value) -> BTreeMap<String, Vec<u8>> {
        assert_eq!(plan["version"], 1);
        let buffers: BTreeMap<_, _> = list(&plan["buffers"])
            .iter()
            .map(|buffer| {
                let bytes = number(&buffer["bytes"]) as usize;
                let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
                (text(&buffer["tensor"]), (self.buffer(usage, &initial(buffer, bytes, &plan["tables"])), bytes))
            })
            .collect();
        let mut pipelines = HashMap::new();
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for dispatch in list(&plan["dispatches"]) {
            let (shader, entry_point) = (text(&dispatch["shader"]), text(&dispatch["entry_point"]));
            let pipeline = pipelines
                .entry((shader, entry_point))
                .or_insert_with(|| self.pipeline(text(&plan["shaders"][shader]), entry_point));
            let (destination, _) = &buffers[text(&dispatch["tensor"])];
            let bind_group = self.bind_group(dispatch, pipeline, destination, &plan["tables"]);
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &bind_group, &[]);
            let groups: Vec<_> = list(&dispatch["workgroups"]).iter().map(|n| number(n) as u32).collect();
            pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
        }
        self.queue.submit([encoder.finish()]);
        buffers.into_iter().map(|(tensor, (buffer, bytes))| (tensor.into(), self.read(&buffer, bytes))).collect()
    }

    fn pipeline(&self, source: &str, entry_point: &str) -> wgpu::ComputePipeline {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some(entry_point),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        })
    }

    fn bind_group(
        &self,
        dispatch: &Value,
        pipeline: &wgpu::ComputePipeline,
        destination: &wgpu::Buffer,
        tables: &Value,
    ) -> wgpu::BindGroup {
        let bindings = list(&dispatch["bindings"]);
        let buffers: Vec<_> = bindings
            .iter()
            .map(|binding| match text(&binding["kind"]) {
                "uniform" => self.buffer(wgpu::BufferUsages::UNIFORM, &unhex(&dispatch["uniform"])),
                "storage" => destination.clone(),
                "read-only-storage" => {
                    self.buffer(wgpu::BufferUsages::STORAGE, &unhex(&tables[text(&binding["table"])]))
                }
                other => panic!("unknown kind {other}"),
            })
            .collect();
        let entries: Vec<_> = bindings
            .iter()
            .zip(&buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: number(&binding["binding"]) as u32,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer,
                    offset: number(&binding["offset"]),
                    size: NonZeroU64::new(number(&binding["size"])),
                }),
            })
            .collect();
        let layout = &pipeline.get_bind_group_layout(0);
        self.device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
    }

    fn buffer(&self, usage: wgpu::BufferUsages, contents: &[u8]) -> wgpu::Buffer {
        let size = contents.len().next_multiple_of(4);
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        let descriptor = wgpu::BufferDescriptor { label: None, size: size as u64, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        let mut padded = contents.to_vec();
        padded.resize(size, 0);
        self.queue.write_buffer(&buffer, 0, &padded);
        buffer
    }

    fn read(&self, buffer: &wgpu::Buffer, bytes: usize) -> Vec<u8> {
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let descriptor = wgpu::BufferDescriptor { label: None, size: buffer.size(), usage, mapped_at_creation: false };
        let staging = self.device.create_buffer(&descriptor);
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, None);
        self.queue.submit([encoder.finish()]);
        staging.slice(..).map_async(wgpu::MapMode::Read, |result| result.unwrap());
        self.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
        staging.get_mapped_range(..).unwrap()[..bytes].to_vec()
    }
}

/// What a buffer holds before: a table's bytes, an element that is repeated, or zeros.
fn initial(buffer: &Value, bytes: usize, tables: &Value) -> Vec<u8> {
    match buffer.get("initial") {
        Some(table) => unhex(&tables[text(table)]),
        None => {
            let element = buffer.get("repeat").map_or(vec![0], unhex);
            element.into_iter().cycle().take(bytes).collect()
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn unhex(value: &Value) -> Vec<u8> {
    let digits = text(value);
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}
