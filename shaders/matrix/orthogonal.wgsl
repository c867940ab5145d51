// Orthonormal vectors from vectors in general position: block Gram-Schmidt with reorthogonalization over panels of 64
// vectors, each made orthonormal by Cholesky factors of its inner products (Stathopoulos and Wu, "A block
// orthogonalization procedure with constant synchronization requirements", 2002; shifted as by Fukaya et al., "Shifted
// Cholesky QR", 2020). All factors have positive diagonals, so that signs come out as those of the Q of a QR
// decomposition with positive diagonal.
//
// Bits differ between devices: sums are what each makes of them. The reference is src/cpu/orthogonal.rs, by tolerance.

const PANEL = 64u;

struct Step {
    first: u32,       // first vector of the panel
    left: u32,        // first of the vectors that the panel is multiplied with
    left_count: u32,  // how many of those, a multiple of 4
    length: u32,      // components of a vector
    stride: u32,      // vec4s from one vector to the next
    shift: f32,       // added to the diagonal of the inner products, relative to its largest element
}

@group(0) @binding(0) var<uniform> step: Step;
// All vectors, one after the other; padded with zeros to whole panels and whole vec4s.
@group(0) @binding(1) var<storage, read_write> vectors: array<vec4<f32>>;
// Inner products: those of one left vector with the panel's in a row.
@group(0) @binding(2) var<storage, read_write> products: array<vec4<f32>>;
// The panel's Cholesky factor by rows, then the inverses of its diagonal.
@group(0) @binding(3) var<storage, read_write> cholesky: array<f32>;

// Components beyond the length are samples too, until here.
@compute @workgroup_size(64)
fn clear_padding(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < step.left_count {
        let index = (id.x + 1u) * step.stride - 1u;
        let used = step.length % 4u;
        vectors[index] = select(vec4<f32>(), vectors[index], vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(used));
    }
}

// Four left vectors with four of the panel.
@compute @workgroup_size(64)
fn inner_products(@builtin(global_invocation_id) id: vec3<u32>) {
    let j = id.x % (PANEL / 4u);
    let i = id.x / (PANEL / 4u) * 4u;
    if i >= step.left_count {
        return;
    }
    let left = (step.left + i) * step.stride;
    let right = (step.first + 4u * j) * step.stride;
    var a = vec4<f32>();
    var b = vec4<f32>();
    var c = vec4<f32>();
    var d = vec4<f32>();
    for (var k = 0u; k < step.stride; k++) {
        let p = vectors[right + k];
        let q = vectors[right + step.stride + k];
        let r = vectors[right + 2u * step.stride + k];
        let s = vectors[right + 3u * step.stride + k];
        let t = vectors[left + k];
        let u = vectors[left + step.stride + k];
        let v = vectors[left + 2u * step.stride + k];
        let w = vectors[left + 3u * step.stride + k];
        a += vec4<f32>(dot(t, p), dot(t, q), dot(t, r), dot(t, s));
        b += vec4<f32>(dot(u, p), dot(u, q), dot(u, r), dot(u, s));
        c += vec4<f32>(dot(v, p), dot(v, q), dot(v, r), dot(v, s));
        d += vec4<f32>(dot(w, p), dot(w, q), dot(w, r), dot(w, s));
    }
    let row = i * (PANEL / 4u) + j;
    products[row] = a;
    products[row + PANEL / 4u] = b;
    products[row + PANEL / 2u] = c;
    products[row + PANEL / 4u * 3u] = d;
}

// Takes from four vectors of the panel their parts along the left vectors.
@compute @workgroup_size(64)
fn subtract(@builtin(global_invocation_id) id: vec3<u32>) {
    let k = id.x;
    if k >= step.stride {
        return;
    }
    let right = (step.first + 4u * id.y) * step.stride + k;
    var a = vectors[right];
    var b = vectors[right + step.stride];
    var c = vectors[right + 2u * step.stride];
    var d = vectors[right + 3u * step.stride];
    for (var i = 0u; i < step.left_count; i++) {
        let left = vectors[(step.left + i) * step.stride + k];
        let product = products[i * (PANEL / 4u) + id.y];
        a -= product.x * left;
        b -= product.y * left;
        c -= product.z * left;
        d -= product.w * left;
    }
    vectors[right] = a;
    vectors[right + step.stride] = b;
    vectors[right + 2u * step.stride] = c;
    vectors[right + 3u * step.stride] = d;
}

var<workgroup> matrix: array<array<f32, PANEL>, PANEL>;

// The Cholesky factor of the panel's inner products with itself, a row for each invocation.
@compute @workgroup_size(PANEL)
fn factorize(@builtin(local_invocation_index) row: u32) {
    for (var j = 0u; j < PANEL / 4u; j++) {
        let product = products[row * (PANEL / 4u) + j];
        matrix[row][4u * j] = product.x;
        matrix[row][4u * j + 1u] = product.y;
        matrix[row][4u * j + 2u] = product.z;
        matrix[row][4u * j + 3u] = product.w;
    }
    workgroupBarrier();
    var largest = 0.0;
    for (var j = 0u; j < PANEL; j++) {
        largest = max(largest, matrix[j][j]);
    }
    workgroupBarrier();
    // Vectors of zeros, which pad the last panel, stay what they are.
    let used = matrix[row][row] > 0.0;
    matrix[row][row] = select(1.0, matrix[row][row] + step.shift * largest, used);
    for (var k = 0u; k < PANEL; k++) {
        workgroupBarrier();
        let pivot = sqrt(max(matrix[k][k], 1e-12 * largest));
        workgroupBarrier();
        if row == k {
            matrix[k][k] = pivot;
        } else if row > k {
            matrix[row][k] /= pivot;
        }
        workgroupBarrier();
        for (var j = k + 1u; j <= row; j++) {
            matrix[row][j] -= matrix[row][k] * matrix[j][k];
        }
    }
    for (var j = 0u; j <= row; j++) {
        cholesky[row * PANEL + j] = matrix[row][j];
    }
    cholesky[PANEL * PANEL + row] = select(0.0, 1.0 / matrix[row][row], used);
}

// Solves for vectors whose products with the factor's rows are the panel's: four components of each.
@compute @workgroup_size(64)
fn solve(@builtin(global_invocation_id) id: vec3<u32>) {
    let k = id.x;
    if k >= step.stride {
        return;
    }
    let panel = step.first * step.stride + k;
    for (var j = 0u; j < PANEL; j++) {
        var component = vectors[panel + j * step.stride];
        for (var i = 0u; i < j; i++) {
            component -= cholesky[j * PANEL + i] * vectors[panel + i * step.stride];
        }
        vectors[panel + j * step.stride] = component * cholesky[PANEL * PANEL + j];
    }
}
