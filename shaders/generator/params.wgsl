// What one dispatch needs: the words of `Params` in src/arithmetic/generator/params.rs, in the same order.
struct Params {
    key: vec2<u32>,     // seed: low, high
    stream: vec2<u32>,  // upper half of every counter
    origin: vec2<u32>,  // index of the element in slot 0 of the binding, modulo 2^64; see slice.wgsl for slices
    head: u32,          // first slot to write
    tail: u32,          // one past the last slot to write
    row: u32,           // invocations in one row of workgroups
    zero: u32,          // 0, unknown to the compiler: see portable_math.wgsl
    pattern: u32,       // bits of one element, for constants; of the middle, for parabolas
    pattern_high: u32,  // their upper half, for elements of 64 bits
    scale: f32,         // factor of the standard sample
    centre: f32,        // added after scaling
    low: f32,           // smallest sample
    high: f32,          // largest sample
    segment_bits: u32,  // a quantile table has 2^segment_bits segments an octave
    columns: u32,       // columns of the matrix; elements of a list
    keep: f32,          // factor of what an element was before
    least: f32,         // below this magnitude it counts as 0
    structure: vec4<u32>,  // of the matrix: see the structure's file
    view: vec4<u32>,    // see view.wgsl, and for slices slice.wgsl
    view_count: u32,    // places of the view; see slice.wgsl
    limit: f32,         // above this magnitude what an element was counts as this
    block: vec2<u32>,   // number of the block of slot 0, modulo 2^32; upper word of the blocks that are written; see
                        // slice.wgsl for slices
}

// A copy of `given`, made before the first branch: inside one, lavapipe loads for every lane by itself.
var<private> params: Params;
