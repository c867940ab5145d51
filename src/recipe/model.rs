//! What a model's tensors tell about it.

use std::collections::{BTreeMap, BTreeSet};

/// Names and shapes of a model's tensors.
///
/// ```
/// let model = weightinit::recipe::Model::new([
///     ("embed_tokens.weight", &[32000, 512][..]),
///     ("layers.0.mlp.up_proj.weight", &[2048, 512]),
///     ("layers.1.mlp.up_proj.weight", &[2048, 512]),
/// ]);
/// assert_eq!((model.layers(), model.width()), (Some(2), Some(512)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Model {
    shapes: BTreeMap<String, Vec<u64>>,
    /// Names of the layers: those of their tensors up to the first number.
    layers: BTreeSet<String>,
}

/// What embeddings of tokens are called.
pub(super) const TOKENS: &[&str] = &[
    "wte.weight",
    "embed_tokens.weight",
    "tok_embeddings.weight",
    "word_embeddings.weight",
    "shared.weight",
    "embed_in.weight",
    "token_embedding.weight",
    "embedding.weight",
    "embeddings.weight",
];

impl Model {
    /// A model with these tensors.
    pub fn new<'a>(tensors: impl IntoIterator<Item = (&'a str, &'a [u64])>) -> Self {
        let mut model = Self::default();
        for (name, shape) in tensors {
            if let Some(layer) = layer(name) {
                model.layers.insert(layer.to_owned());
            }
            model.shapes.insert(name.to_owned(), shape.to_vec());
        }
        model
    }

    /// Names and shapes, in the order of the names.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &[u64])> {
        self.shapes.iter().map(|(name, shape)| (name.as_str(), shape.as_slice()))
    }

    /// The shape of tensor `name`.
    pub fn shape(&self, name: &str) -> Option<&[u64]> {
        self.shapes.get(name).map(Vec::as_slice)
    }

    /// Numbered layers: how many different names up to the first number there are, as in `h.0`, `encoder.block.3`,
    /// `layer1.0`.
    pub fn layers(&self) -> Option<u64> {
        (!self.layers.is_empty()).then_some(self.layers.len() as u64)
    }

    /// Those of them whose names have `part` in them.
    pub(super) fn layers_of(&self, part: &str) -> u64 {
        self.layers.iter().filter(|layer| layer.contains(part)).count() as u64
    }

    /// The width of the residual stream: the last dimension of the embedding of tokens, else the size of the vectors
    /// called norm, if those agree.
    pub fn width(&self) -> Option<u64> {
        let matrices = || self.shapes.iter().filter(|(_, shape)| shape.len() == 2);
        let embedding = TOKENS.iter().find_map(|suffix| matrices().find(|(name, _)| name.ends_with(suffix)));
        let norms = self.shapes.iter().filter(|(name, shape)| shape.len() == 1 && name.contains("norm"));
        let sizes: BTreeSet<_> = norms.map(|(_, shape)| shape[0]).collect();
        match embedding {
            Some((_, shape)) => shape.last().copied(),
            None if sizes.len() == 1 => sizes.first().copied(),
            None => None,
        }
    }

    /// The embedding of tokens, that output heads are tied to.
    pub(super) fn tokens(&self) -> Option<(&str, &[u64])> {
        let named = |suffix: &&str| self.shapes.iter().find(|(name, _)| name.ends_with(*suffix));
        TOKENS.iter().find_map(named).map(|(name, shape)| (name.as_str(), shape.as_slice()))
    }

    /// The shape of a tensor whose name ends so.
    pub(super) fn shape_ending(&self, suffix: &str) -> Option<&[u64]> {
        self.shapes.iter().find(|(name, _)| name.ends_with(suffix)).map(|(_, shape)| shape.as_slice())
    }

    /// Tensors in the order of their names, in which numbers count as numbers.
    pub(super) fn first_matrix(&self) -> Option<&str> {
        let matrices = self.shapes.iter().filter(|(_, shape)| shape.len() == 2).map(|(name, _)| name.as_str());
        let key = |name: &&str| {
            let part = |part: &str| part.parse::<u64>().map_or((1, 0, part.to_owned()), |n| (0, n, String::new()));
            name.split('.').map(part).collect::<Vec<_>>()
        };
        matrices.min_by_key(key)
    }
}

/// A tensor's name up to its first number.
pub(super) fn layer(name: &str) -> Option<&str> {
    let mut end = 0;
    for part in name.split('.') {
        end += part.len();
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(&name[..end]);
        }
        end += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_names_up_to_the_first_number() {
        assert_eq!(layer("transformer.h.11.attn.c_attn.weight"), Some("transformer.h.11"));
        assert_eq!(layer("encoder.block.0.layer.1.wi.weight"), Some("encoder.block.0"));
        assert_eq!(layer("layer1.0.conv1.weight"), Some("layer1.0"));
        assert_eq!(layer("0.weight"), Some("0"));
        assert_eq!(layer("lm_head.weight"), None);
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        let shape: &[u64] = &[2, 2];
        let model = Model::new([("net.10.weight", shape), ("net.9.weight", shape), ("net.9.bias", &[2])]);
        assert_eq!(model.first_matrix(), Some("net.9.weight"));
    }
}
