//! Published answers: Random123's vectors through every backend's Philox, and PyTorch's stateless generator.

mod common;

use common::{Gpu, gpu};
use weightinit::arithmetic::generator::philox::philox;
use weightinit::{DType, Fill, Law, cpu, wgpu};

struct Vector {
    counter: [u32; 4],
    key: [u32; 2],
    result: [u32; 4],
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("data/kat_vectors.txt").lines().filter(|line| line.starts_with("philox4x32 10"));
    let parse = |line: &str| {
        let words: Vec<_> = line.split_whitespace().skip(2).map(|w| u32::from_str_radix(w, 16).unwrap()).collect();
        Vector {
            counter: words[..4].try_into().unwrap(),
            key: words[4..6].try_into().unwrap(),
            result: words[6..].try_into().unwrap(),
        }
    };
    let vectors: Vec<_> = lines.map(parse).collect();
    assert_eq!(vectors.len(), 3);
    vectors
}

#[test]
fn the_reference_gives_the_published_words() {
    for vector in vectors() {
        assert_eq!(philox(vector.counter, vector.key), vector.result);
    }
}

/// The shader's own file with either multiplication, for one block and for four at a time, on counters that no element
/// index reaches.
#[test]
fn the_shaders_give_the_published_words() {
    let gpu = gpu();
    let one = (include_str!("../shaders/generator/one_block.wgsl"), "u64", "");
    let four = (include_str!("../shaders/generator/four_blocks.wgsl"), "vec4<u64>", ".z");
    for (types, wide, block) in [one, four] {
        let mut products = vec![include_str!("../shaders/generator/mul_wide_u32.wgsl").to_owned()];
        if gpu.device.features().contains(wgpu::Features::SHADER_INT64) {
            products.push(format!("alias Wide = {wide};\n{}", include_str!("../shaders/generator/mul_wide_u64.wgsl")));
        }
        for mul_wide in products {
            for vector in vectors() {
                assert_eq!(philox_on(gpu, &(types.to_owned() + &mul_wide), block, &vector), vector.result);
            }
        }
    }
}

/// The words of the vector's counter, which is that of the component `block`; those of others are not.
fn philox_on(gpu: &Gpu, file: &str, block: &str, vector: &Vector) -> [u32; 4] {
    let main = format!(
        "
        @group(0) @binding(0) var<storage, read_write> words: array<u32, 10>;
        @compute @workgroup_size(1) fn main() {{
            var counter = Word4();
            counter.x{block} = words[0];
            counter.y{block} = words[1];
            counter.z{block} = words[2];
            counter.w{block} = words[3];
            let result = philox(counter, vec2<u32>(words[4], words[5]));
            words[6] = result.x{block}; words[7] = result.y{block}; words[8] = result.z{block}; words[9] = result.w{block};
        }}"
    );
    let source = [file, include_str!("../shaders/generator/philox.wgsl"), &main].concat();
    let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let buffer = gpu.buffer(40, 0);
    gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&vector.counter));
    gpu.queue.write_buffer(&buffer, 16, bytemuck::cast_slice(&vector.key));
    let bind_group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &[wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() }],
    });
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bind_group, &[]);
        pass.dispatch_workgroups(1, 1, 1);
    }
    gpu.queue.submit([encoder.finish()]);
    let bytes = gpu.filler.read_back(&gpu.queue, buffer.slice(24..)).unwrap();
    bytemuck::pod_collect_to_vec::<u8, u32>(&bytes).try_into().unwrap()
}

/// Stream 0 is PyTorch's private stateless generator: same key, same counter, same lanes.
#[test]
fn stream_zero_is_that_of_pytorch() {
    let lines = include_str!("data/torch_stateless.txt").lines().filter(|line| !line.starts_with('#'));
    let mut checked = 0;
    for line in lines {
        let mut fields = line.split(' ');
        let mut number = || fields.next().unwrap().parse::<u64>().unwrap();
        let (seed, first) = (number(), number());
        let low_bits: Vec<_> = fields.map(|word| u64::from_str_radix(word, 16).unwrap()).collect();
        let end = first + low_bits.len() as u64;
        let fill = Fill::new(0, Law::Bits, DType::U32, end).unwrap().with_seed(seed).range(first..end).unwrap();
        let words = cpu::bytes(&fill).unwrap();
        let found: Vec<_> = cpu::elements(DType::U32, &words).map(|word| word & 0xff_ffff).collect();
        assert_eq!(found, low_bits, "seed {seed} from element {first}");
        checked += found.len();
    }
    assert_eq!(checked, 3 * (5 + 5 + 64));
}
