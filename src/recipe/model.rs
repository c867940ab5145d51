//! What a model's tensors tell about it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::recipe::glob::Glob;

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
    shapes: Shapes,
    /// Tensors that others decide.
    decided: BTreeSet<String>,
    pub(super) facts: Facts,
}

type Shapes = BTreeMap<String, Vec<u64>>;

/// What all tensors together tell: found once, since rules ask at each tensor.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Names up to the first number, those of them with `encoder`, and those with `decoder` in them.
    layers: u64,
    pub(super) encoder_layers: u64,
    pub(super) decoder_layers: u64,
    width: Option<u64>,
    /// Heads of attention: the last dimension of the first relative attention bias.
    pub(super) heads: Option<u64>,
    /// The matrix of the first of the layers, if their numbers and shapes tell it.
    first_layer: Option<String>,
    /// How many convolutions, numbered from 1 without a gap, a layer has.
    convolutions: HashMap<String, u64>,
}

/// What embeddings of tokens are called.
const TOKENS: &[&str] = &[
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
        let shapes = tensors.into_iter().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
        Self { facts: Facts::new(&shapes), decided: BTreeSet::new(), shapes }
    }

    /// The same, where tensors of these names are decided elsewhere: a recipe does not have to find out what they do.
    ///
    /// ```
    /// use weightinit::init::Arguments;
    /// use weightinit::recipe::{Config, Model, by_name};
    ///
    /// let model = Model::new([("h.0.attn.proj.weight", &[8, 8][..]), ("h.0.other.weight", &[8, 8])]);
    /// let megatron = by_name("megatron")?;
    /// assert!(megatron.apply(&model, &Arguments::new(), &Config::default()).is_err());
    /// let model = model.with_decided(["h.0.other.weight"]);
    /// assert!(megatron.apply(&model, &Arguments::new(), &Config::default()).is_ok());
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn with_decided<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.decided.extend(names.into_iter().map(str::to_owned));
        self
    }

    pub(super) fn is_decided(&self, name: &str) -> bool {
        self.decided.contains(name)
    }

    /// The matrix of the first of the model's layers, if their numbers and shapes tell it.
    pub(super) fn first_layer(&self) -> Option<&str> {
        self.facts.first_layer.as_deref()
    }

    /// Names and shapes, in the order of the names.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &[u64])> {
        self.shapes.iter().map(|(name, shape)| (name.as_str(), shape.as_slice()))
    }

    /// The shape of tensor `name`.
    pub fn shape(&self, name: &str) -> Option<&[u64]> {
        self.shapes.get(name).map(Vec::as_slice)
    }

    /// The shape of the weight that bias `name` goes with: of the tensor that has `weight` in its place.
    pub(super) fn weight_of(&self, name: &str) -> Option<&[u64]> {
        let at = name.rfind("bias")?;
        self.shape(&format!("{}weight{}", &name[..at], &name[at + "bias".len()..]))
    }

    /// The first tensor of `shape` whose name matches.
    pub(super) fn first(&self, glob: &Glob, shape: &[u64]) -> Option<&str> {
        self.tensors().find(|(name, known)| *known == shape && glob.matches(name)).map(|(name, _)| name)
    }

    /// Blocks: how many different names up to a number with modules inside there are, as in `h.0`, `encoder.block.3`,
    /// `layer1.0`, `layers.1.blocks.0`.
    pub fn layers(&self) -> Option<u64> {
        (self.facts.layers > 0).then_some(self.facts.layers)
    }

    /// The width of the residual stream: the last dimension of the embedding of tokens, else the size of the vectors
    /// called norm, if those agree.
    pub fn width(&self) -> Option<u64> {
        self.facts.width
    }

    /// Whether a block has several convolutions, numbered from 1 without a gap.
    pub(super) fn has_branches(&self) -> bool {
        self.facts.convolutions.values().any(|count| *count > 1)
    }

    /// How many convolutions `layer` has, numbered from 1 without a gap.
    pub(super) fn convolutions(&self, layer: &str) -> u64 {
        self.facts.convolutions.get(layer).copied().unwrap_or(0)
    }
}

impl Facts {
    fn new(shapes: &Shapes) -> Self {
        let layers = blocks(shapes);
        let with = |part: &str| layers.iter().filter(|layer| layer.contains(part)).count() as u64;
        let matrices = || shapes.iter().filter(|(_, shape)| shape.len() == 2);
        let bias = shapes.iter().find(|(name, _)| name.ends_with(".relative_attention_bias.weight"));
        Self {
            layers: layers.len() as u64,
            encoder_layers: with("encoder"),
            decoder_layers: with("decoder"),
            width: match embedding(matrices()) {
                Some((_, shape)) => shape.last().copied(),
                None => width_of_norms(shapes),
            },
            heads: bias.and_then(|(_, shape)| shape.last().copied()),
            first_layer: first_layer(shapes),
            convolutions: convolutions(shapes),
        }
    }
}

/// The tensor that has the first of the names of embeddings.
fn embedding<'a>(tensors: impl Iterator<Item = (&'a String, &'a Vec<u64>)>) -> Option<(&'a String, &'a Vec<u64>)> {
    let rank = |name: &str| TOKENS.iter().position(|suffix| name.ends_with(suffix));
    let ranked = tensors.filter_map(|tensor| Some((rank(tensor.0)?, tensor)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, tensor)| tensor)
}

fn width_of_norms(shapes: &Shapes) -> Option<u64> {
    let norms = shapes.iter().filter(|(name, shape)| shape.len() == 1 && name.contains("norm"));
    let mut sizes = norms.map(|(_, shape)| shape[0]);
    let first = sizes.next()?;
    sizes.all(|size| size == first).then_some(first)
}

fn convolutions(shapes: &Shapes) -> HashMap<String, u64> {
    let numbered = |block: &str, number: &u64| shapes.contains_key(&format!("{block}.conv{number}.weight"));
    let blocks = shapes.keys().filter_map(|name| name.strip_suffix(".conv1.weight"));
    let blocks = blocks.filter(|block| layer(block) == Some(block));
    blocks.map(|block| (block.to_owned(), (1..).take_while(|number| numbered(block, number)).count() as u64)).collect()
}

/// The only matrix of the lowest number, where all numbers count the same layers (`net.0`, `fc1`), and no matrix
/// without a number has outputs that this one could take; or the only matrix at all.
fn first_layer(shapes: &Shapes) -> Option<String> {
    let (mut layers, mut others) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
    for (name, shape) in shapes.iter().filter(|(_, shape)| shape.len() >= 2) {
        match numbered(name) {
            Some(layer) => layers.entry(layer).or_default().push((name, shape)),
            None => others.push((name, shape)),
        }
    }
    let (mut layers, first) = (layers.keys(), layers.values().next());
    let ((name, shape), is_known) = match (first.map(Vec::as_slice), &*others) {
        (Some(&[first]), _) => (first, layers.next().is_some_and(|(of, _)| layers.all(|(other, _)| of == other))),
        (None, &[only]) => (only, true),
        _ => return None,
    };
    let feeds_it = |other: &&(&String, &Vec<u64>)| other.0 != name && other.1[0] == shape[1];
    (is_known && !others.iter().any(|other| feeds_it(&other))).then(|| name.clone())
}

/// What a name's first number counts, and the number.
fn numbered(name: &str) -> Option<(&str, u64)> {
    let ends = name.match_indices('.').map(|(end, _)| end);
    ends.into_iter().find_map(|end| {
        let digits = name[..end].bytes().rev().take_while(u8::is_ascii_digit).count();
        Some((&name[..end - digits], name[end - digits..end].parse().ok()?))
    })
}

/// The blocks of a model: numbered parts that have modules inside, or, where none has, all numbered parts. A head that
/// is a list of layers counts for none.
fn blocks(shapes: &Shapes) -> BTreeSet<&str> {
    let numbered = || shapes.keys().filter_map(|name| Some((name.as_str(), block(name)?)));
    let has_modules = |(name, block): &(&str, &str)| name[block.len()..].matches('.').count() > 1;
    let inner: BTreeSet<_> = numbered().filter(has_modules).map(|(_, block)| block).collect();
    if inner.is_empty() { numbered().map(|(_, block)| block).collect() } else { inner }
}

/// What comes after the number of a stage, which is no block itself: `layers.0.blocks.1`, `stages.2.layers.0`.
const BLOCKS: [&str; 2] = ["blocks", "block"];
const STAGES: [&str; 2] = ["stages", "stage"];

/// A tensor's name up to the number of its block.
pub(super) fn block(name: &str) -> Option<&str> {
    let stage = layer(name)?;
    let kind = stage.rsplit('.').nth(1).unwrap_or_default();
    let mut rest = name[stage.len()..].split('.').skip(1);
    let (word, number) = (rest.next().unwrap_or_default(), rest.next().unwrap_or_default());
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && (BLOCKS.contains(&word) || STAGES.contains(&kind)) {
        return Some(&name[..stage.len() + 2 + word.len() + number.len()]);
    }
    Some(stage)
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
    fn blocks_are_counted_once_and_heads_not_at_all() {
        let layers = |names: &[&str]| Model::new(names.iter().map(|name| (*name, &[2, 2][..]))).layers();
        assert_eq!(
            layers(&["h.0.mlp.weight", "h.1.mlp.weight", "classifier.0.weight", "classifier.2.weight"]),
            Some(2)
        );
        assert_eq!(
            layers(&["layers.0.blocks.0.mlp.weight", "layers.0.blocks.1.mlp.weight", "layers.1.blocks.0.mlp.weight"]),
            Some(3)
        );
        assert_eq!(layers(&["stages.0.layers.0.fc.weight", "stages.1.layers.0.fc.weight"]), Some(2));
        assert_eq!(layers(&["block.0.layer.0.q.weight", "block.0.layer.1.wi.weight"]), Some(1));
        assert_eq!(layers(&["0.weight", "2.weight"]), Some(2));
    }

    #[test]
    fn the_first_layer_is_that_of_the_lowest_number_or_unknown() {
        let first = |tensors: &[(&str, [u64; 2])]| {
            let model = Model::new(tensors.iter().map(|(name, shape)| (*name, &shape[..])));
            model.first_layer().map(str::to_owned)
        };
        let inner = [("net.10.linear.weight", [8, 8]), ("net.9.linear.weight", [8, 2])];
        assert_eq!(first(&inner).as_deref(), Some("net.9.linear.weight"));
        assert_eq!(first(&[inner[0], inner[1], ("final.weight", [1, 8])]).as_deref(), Some("net.9.linear.weight"));
        assert_eq!(first(&[("fc2.weight", [8, 8]), ("fc1.weight", [8, 2])]).as_deref(), Some("fc1.weight"));
        assert_eq!(first(&[("only.weight", [8, 2])]).as_deref(), Some("only.weight"));
        for unknown in [
            // What one has could be the inputs of the other.
            vec![("net.0.weight", [8, 8]), ("begin.weight", [8, 2])],
            vec![("rgb.0.weight", [8, 8]), ("net.0.weight", [8, 2])],
            vec![("net.0.a.weight", [8, 8]), ("net.0.b.weight", [8, 2])],
            vec![("a.weight", [8, 8]), ("b.weight", [8, 2])],
            vec![],
        ] {
            assert_eq!(first(&unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn embeddings_are_ranked_by_what_they_are_called() {
        let model = Model::new([
            ("a.shared.weight", &[9, 4][..]),
            ("b.wte.weight", &[7]),
            ("c.wte.weight", &[9, 5]),
            ("d.wte.weight", &[9, 6]),
        ]);
        // The width is that of a matrix.
        assert_eq!(model.width(), Some(5));
        let norms =
            |sizes: [u64; 2]| Model::new([("norm1.weight", &sizes[..1]), ("norm2.weight", &sizes[1..])]).width();
        assert_eq!((norms([3, 3]), norms([3, 4])), (Some(3), None));
    }

    #[test]
    fn convolutions_are_counted_up_to_the_first_gap() {
        let names = [
            "layer1.0.conv1.weight",
            "layer1.0.conv2.weight",
            "layer1.0.conv4.weight",
            "layer1.1.conv2.weight",
            "conv1.weight",
            "layer1.2.inner.conv1.weight",
        ];
        let model = Model::new(names.map(|name| (name, &[1, 1, 3, 3][..])));
        let blocks = ["layer1.0", "layer1.1", "layer1.2", "layer1.2.inner"];
        assert_eq!(blocks.map(|block| model.convolutions(block)), [2, 0, 0, 0]);
    }
}
