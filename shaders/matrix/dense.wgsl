// No structure: every element is its sample.

fn structured(index: u32) -> vec4<u32> {
    return quad(index);
}
