// Parameters in a uniform buffer, which every WebGPU implementation has.
@group(0) @binding(0) var<uniform> given: Params;
