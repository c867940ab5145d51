//! `plan`: its JSON, run by a program that knows nothing but the JSON, makes the file that `init` writes.

mod common;

use std::collections::HashMap;

use common::{Bench, said};
use safetensors::SafeTensors;
use serde_json::Value;
use wginit::wgpu;

const SPEC: &str = r#"
seed = 3
layout = "torch"
default = "he_normal"

[[tensor]]
name = "a"
shape = [64, 48]

[[tensor]]
name = "b"
shape = [33, 5]
dtype = "bfloat16"

[[tensor]]
name = "c"
shape = [3, 3]
dtype = "float16"

[[tensor]]
name = "zero"
shape = [5]

[[tensor]]
name = "large"
shape = [34000000]

[[tensor]]
name = "n"
shape = [3]
dtype = "int64"

[[rule]]
match = "c"
init = "uniform"

[[rule]]
match = "zero"
init = "zeros"

[[rule]]
match = "large"
init = "normal"

[[rule]]
match = "n"
init = "constant"
value = -2
"#;

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// A device with WebGPU's default limits, and what a plan's runner needs of it.
struct Runner {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

impl Runner {
    fn new() -> Self {
        let adapters = pollster::block_on(wginit::gpu::adapters());
        let adapter = adapters.first().expect("an adapter: scripts/test installs one");
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).unwrap();
        Self { device, queue }
    }

    fn buffer(&self, usage: wgpu::BufferUsages, contents: &[u8]) -> wgpu::Buffer {
        let descriptor = wgpu::BufferDescriptor {
            label: None,
            size: contents.len().next_multiple_of(4) as u64,
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        };
        let buffer = self.device.create_buffer(&descriptor);
        let mut padded = contents.to_vec();
        padded.resize(contents.len().next_multiple_of(4), 0);
        self.queue.write_buffer(&buffer, 0, &padded);
        buffer
    }

    fn dispatch(&self, dispatch: &Value, source: &str, destination: &wgpu::Buffer, tables: &Value) {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: dispatch["entry_point"].as_str(),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let bindings = dispatch["bindings"].as_array().unwrap();
        let buffers: Vec<_> = bindings
            .iter()
            .map(|binding| match binding["kind"].as_str().unwrap() {
                "uniform" => self.buffer(wgpu::BufferUsages::UNIFORM, &unhex(dispatch["uniform"].as_str().unwrap())),
                "storage" => destination.clone(),
                "read-only-storage" => {
                    let table = &tables[binding["table"].as_str().unwrap()];
                    self.buffer(wgpu::BufferUsages::STORAGE, &unhex(table.as_str().unwrap()))
                }
                other => panic!("unknown kind {other}"),
            })
            .collect();
        let number = |value: &Value| value.as_u64().unwrap();
        let entries: Vec<_> = bindings
            .iter()
            .zip(&buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: number(&binding["binding"]) as u32,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer,
                    offset: number(&binding["offset"]),
                    size: std::num::NonZeroU64::new(number(&binding["size"])),
                }),
            })
            .collect();
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &bind_group, &[]);
            let groups: Vec<_> = dispatch["workgroups"].as_array().unwrap().iter().map(|n| number(n) as u32).collect();
            pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
        }
        self.queue.submit([encoder.finish()]);
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

#[test]
fn plans_run_on_any_webgpu() {
    let bench = Bench::with("spec.toml", SPEC);
    let plan: Value = serde_json::from_slice(&bench.ok(&["plan", "spec.toml", "--json"])).unwrap();
    assert_eq!(plan["version"], 1);
    bench.ok(&["init", "spec.toml", "-o", "model.safetensors", "--backend", "cpu"]);
    let file = bench.read("model.safetensors");
    let expected = SafeTensors::deserialize(&file).unwrap();

    let runner = Runner::new();
    let mut buffers = HashMap::new();
    for buffer in plan["buffers"].as_array().unwrap() {
        let bytes = buffer["bytes"].as_u64().unwrap() as usize;
        let element = buffer["repeat"].as_str().map_or(vec![0], unhex);
        let contents: Vec<u8> = element.iter().copied().cycle().take(bytes).collect();
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        buffers.insert(buffer["tensor"].as_str().unwrap(), (runner.buffer(usage, &contents), bytes));
    }
    for dispatch in plan["dispatches"].as_array().unwrap() {
        let source = plan["shaders"][dispatch["shader"].as_str().unwrap()].as_str().unwrap();
        let (destination, _) = &buffers[dispatch["tensor"].as_str().unwrap()];
        runner.dispatch(dispatch, source, destination, &plan["tables"]);
    }
    assert_eq!(buffers.len(), expected.len());
    for (name, tensor) in expected.tensors() {
        let (buffer, bytes) = &buffers[name.as_str()];
        assert!(runner.read(buffer, *bytes) == tensor.data(), "{name}");
    }
    // More than one window: 136 MB by bindings of 128 MiB.
    let large = plan["dispatches"].as_array().unwrap().iter().filter(|dispatch| dispatch["tensor"] == "large");
    assert_eq!(large.count(), 2);
}

#[test]
fn single_tensors_are_planned_as_they_are_filled() {
    let bench = Bench::new();
    let arguments = ["plan", "--shape", "64x48", "--init", "he_normal", "--layout", "torch", "--seed", "7", "--json"];
    let plan: Value = serde_json::from_slice(&bench.ok(&arguments)).unwrap();
    let dispatch = &plan["dispatches"][0];
    assert_eq!(dispatch["tensor"], "tensor");
    assert_eq!(dispatch["shader"], "quantile_f32_bounded_whole");
    assert_eq!(dispatch["workgroups"], serde_json::json!([12, 1, 1]));
    // The key, the stream and the origin: seed 7, stream 0, element 0.
    assert!(dispatch["uniform"].as_str().unwrap().starts_with("0700000000000000000000000000000000000000000000"));
    assert_eq!(plan["tables"].as_object().unwrap().len(), 1);
}

#[test]
fn models_and_single_tensors_do_not_mix() {
    let bench = Bench::with("spec.toml", SPEC);
    let output = bench.run(&["plan", "spec.toml", "--shape", "4"]);
    let expected = "error: --shape, --param, --groups, --stream, --name and --range describe a single tensor; \
                    leave them out, or the spec\n";
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), expected));
    let output = bench.run(&["plan"]);
    let expected = "error: there is no --shape; give dimensions such as --shape 64x48\n";
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), expected));
}
