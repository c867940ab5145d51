// Numbers of one block: what the law's and the type's functions compute with. See four_blocks.wgsl for the other
// choice.
alias Word = u32;
alias Word2 = vec2<u32>;
alias Word4 = vec4<u32>;
alias Int = i32;
alias Real = f32;
alias Real2 = vec2<f32>;
alias Real4 = vec4<f32>;
