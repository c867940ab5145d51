//! Mirror of `shaders/generator/params.wgsl`: the uniform data of a dispatch.

/// The uniform data of a dispatch: `Params` of `shaders/generator/params.wgsl`, word for word.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Params {
    /// The seed: low and high word.
    pub key: [u32; 2],
    /// Upper half of every counter.
    pub stream: [u32; 2],
    /// Index of the element in slot 0 of the binding, modulo 2^64: low and high word. Of a slice that of the first
    /// run's first element.
    pub origin: [u32; 2],
    /// First slot to write; slots count elements from the binding's start.
    pub head: u32,
    /// One past the last slot to write.
    pub tail: u32,
    /// Invocations in one row of workgroups.
    pub row: u32,
    /// 0, which the shader's compiler must not know.
    pub zero: u32,
    /// Bits of one element, for constants; of the number that stands for the middle, for parabolas.
    pub pattern: u32,
    /// Their upper half, for elements of 64 bits.
    pub pattern_high: u32,
    /// Factor of the standard sample.
    pub scale: f32,
    /// Added after scaling.
    pub centre: f32,
    /// Smallest sample.
    pub low: f32,
    /// Largest sample.
    pub high: f32,
    /// A quantile table has 2^`segment_bits` segments an octave.
    pub segment_bits: u32,
    /// Columns of the matrix, if the fill is one; elements of a list.
    pub columns: u32,
    /// Factor of what an element was before, in an update.
    pub keep: f32,
    /// Below this magnitude it counts as 0.
    pub least: f32,
    /// Numbers of the matrix's structure.
    pub structure: [u32; 4],
    /// Which elements an update concerns: see `shaders/update/view.wgsl`. Of a slice: elements of a run, runs of a
    /// group, from run to run, groups of an outer group (`shaders/unit/slice.wgsl`).
    pub view: [u32; 4],
    /// Places of the view. Of a slice: elements from group to group.
    pub view_count: u32,
    /// Above this magnitude what an element was before counts as this.
    pub limit: f32,
    /// Number of the block of slot 0, modulo 2^32, and the upper word of the numbers of all blocks that are written. Of
    /// a slice: elements from outer group to outer group, and the number of the first element that is written, counted
    /// from `origin` on.
    pub block: [u32; 2],
}

impl Params {
    /// The bytes that the shader reads, little endian.
    pub fn to_le_bytes(&self) -> [u8; size_of::<Self>()] {
        let words: [u32; size_of::<Self>() / 4] = bytemuck::cast(*self);
        bytemuck::cast(words.map(u32::to_le))
    }
}
