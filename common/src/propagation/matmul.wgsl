// output = matrix * input, in tiles of 16 x 16. Columns of input and output are contiguous; the matrix is stored by
// rows or by columns, or read as its transpose, as its strides say.
struct Shape {
    outputs: u32,
    inputs: u32,
    columns: u32,
    output_stride: u32,
    input_stride: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> matrix: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

const TILE = 16u;

var<workgroup> of_matrix: array<array<f32, TILE>, TILE>;
var<workgroup> of_input: array<array<f32, TILE>, TILE>;

@compute @workgroup_size(16, 16)
fn product(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let row = group.x * TILE + local.x;
    let column = group.y * TILE + local.y;
    // This invocation loads another place of the matrix than it computes, so that neighbours load neighbours.
    let loaded_row = group.x * TILE + local.y;
    var sum = 0.0;
    for (var first = 0u; first < shape.inputs; first += TILE) {
        let index = first + local.x;
        var element = 0.0;
        if loaded_row < shape.outputs && index < shape.inputs {
            element = matrix[loaded_row * shape.output_stride + index * shape.input_stride];
        }
        of_matrix[local.y][local.x] = element;
        var signal = 0.0;
        if column < shape.columns && index < shape.inputs {
            signal = input[column * shape.inputs + index];
        }
        of_input[local.y][local.x] = signal;
        workgroupBarrier();
        for (var k = 0u; k < TILE; k++) {
            sum += of_matrix[local.x][k] * of_input[local.y][k];
        }
        workgroupBarrier();
    }
    if row < shape.outputs && column < shape.columns {
        output[column * shape.outputs + row] = sum;
    }
}
