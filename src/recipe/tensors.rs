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

/// Another class of a family's models: their tensors are those of the one that is known but for some.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    /// What its name has behind that of the family: `ForSequenceClassification`.
    pub(super) suffix: &'static str,
    /// What its names lack at the beginning.
    pub(super) stripped: &'static str,
    /// Globs of the tensors that it lacks, divided by spaces.
    pub(super) dropped: &'static str,
    /// Those that it has besides.
    pub(super) tensors: &'static [Tensors],
}

/// A class that lacks tensors, and has others.
pub(super) const fn class(suffix: &'static str, dropped: &'static str, tensors: &'static [Tensors]) -> Class {
    Class { suffix, stripped: "", dropped, tensors }
}

/// A model alone, without a head and without its own name before those of its tensors.
pub(super) const fn headless(stripped: &'static str, dropped: &'static str, tensors: &'static [Tensors]) -> Class {
    Class { suffix: "Model", stripped, dropped, tensors }
}

/// Tensors of a model that is in another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// What stands before their names.
    pub(super) prefix: &'static str,
    /// Where the configuration has that of the inner model.
    pub(super) config: &'static str,
    pub(super) tensors: &'static [&'static [Tensors]],
}

impl Tensors {
    /// The same, where `when` holds.
    pub(super) const fn when(self, when: &'static str) -> Self {
        Self { when, ..self }
    }
}
