//! What the text of a kernel fixes: the shaders' constants CENTRED, BOUNDED and SHIFTED.

/// Which of the optional steps a kernel has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Options {
    /// Whether a centre is added.
    pub centred: bool,
    /// Whether samples are clamped.
    pub bounded: bool,
    /// Whether units begin inside a block.
    pub shifted: bool,
}
