// Numbers of four blocks side by side, a component for each. Every step of Philox and of a transform waits for the one
// before; with four of each at hand a processor, which runs the shaders of software adapters, need not wait.
alias Word = vec4<u32>;
struct Word2 { x: Word, y: Word }
struct Word4 { x: Word, y: Word, z: Word, w: Word }
alias Int = vec4<i32>;
alias Real = vec4<f32>;
struct Real2 { x: Real, y: Real }
struct Real4 { x: Real, y: Real, z: Real, w: Real }

// The numbers of four blocks that are one after the other.
fn blocks_from(first: u32) -> Word {
    return first + vec4<u32>(0u, 1u, 2u, 3u);
}
