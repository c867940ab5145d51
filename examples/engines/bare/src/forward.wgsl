// output = relu(input * weight^T), weight of shape (out, in) as PyTorch stores it.
struct Shape { inputs: u32, outputs: u32, batch: u32, reserved: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= shape.outputs * shape.batch { return; }
    let row = id.x / shape.outputs;
    let column = id.x % shape.outputs;
    var sum = 0.0;
    for (var i = 0u; i < shape.inputs; i++) {
        sum += input[row * shape.inputs + i] * weight[column * shape.inputs + i];
    }
    output[id.x] = max(sum, 0.0);
}
