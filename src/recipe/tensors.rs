//! Names and shapes of a family's tensors, as data.

/// Tensors that have one shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tensors {
    /// Their names, divided by spaces. Braces stand for an index below each of `counts` in turn.
    pub(super) names: &'static str,
    /// How many layers there are, and how many parts of a layer.
    pub(super) counts: &'static [&'static str],
    /// Sizes of the dimensions, divided by commas.
    pub(super) shape: &'static str,
    /// What must hold of the configuration, and of the indices `layer` and `part`.
    pub(super) when: &'static str,
}

/// Tensors outside of layers.
pub(super) const fn tensors(names: &'static str, shape: &'static str) -> Tensors {
    Tensors { names, counts: &[], shape, when: "" }
}

/// Tensors of each layer, or of each part of it.
pub(super) const fn in_each(counts: &'static [&'static str], names: &'static str, shape: &'static str) -> Tensors {
    Tensors { names, counts, shape, when: "" }
}

impl Tensors {
    /// The same, where `when` holds.
    pub(super) const fn when(self, when: &'static str) -> Self {
        Self { when, ..self }
    }
}
