// Four elements that lie together in the destination. `block_elements` comes from the law's or the type's file.

// Samples of the four slots from 4 `index` on. Where units begin inside a block, they are the end of one block and the
// beginning of the next. All blocks of a dispatch have the same upper word, so that most of two rounds of Philox is the
// same for all invocations.
fn quad(index: u32) -> vec4<u32> {
    let block = params.block.x + index;
    let first = block_elements(vec2<u32>(block, params.block.y));
    if !SHIFTED {
        return first;
    }
    let second = block_elements(vec2<u32>(block + 1u, params.block.y));
    switch params.origin.x & 3u {
        case 1u: { return vec4<u32>(first.yzw, second.x); }
        case 2u: { return vec4<u32>(first.zw, second.xy); }
        case 3u: { return vec4<u32>(first.w, second.xyz); }
        default: { return first; }
    }
}
