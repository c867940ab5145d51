// Elements that lie together in the tensor lie together in the destination.

// Elements of the four slots from 4 `index` on.
fn elements(index: u32) -> vec4<u32> {
    return structured(index);
}
