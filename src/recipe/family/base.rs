//! What transformers' models do unless their own `_init_weights` says otherwise.

use crate::init::{Parameter, parameter};
use crate::recipe::family::buffers::{BUFFERS, QUANTISED, ROPE};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{Rule, matrices, part, rule, tie, vectors};

pub(super) const RANGE: Parameter = parameter("initializer_range", "0.02");
pub(super) const TIED: Parameter = parameter("tie_word_embeddings", "true");
pub(super) const UNTIED: Parameter = parameter("tie_word_embeddings", "false");
/// Null in most configurations.
pub(super) const PADDING: Parameter = parameter("pad_token_id", "");

/// The standard deviation of everything, by the name that formulas use: 0 stands for the default
/// (`self.config.initializer_range or 0.02`).
pub(super) const STD: (&str, &str) = ("std", "if(initializer_range == 0, 0.02, initializer_range)");

/// The same of families whose field is called init_std: what both have counts first.
pub(super) const INIT_STD: (&str, &str) =
    ("std", "if(has(initializer_range), if(initializer_range == 0, 0.02, initializer_range), init_std)");

/// Linear layers and convolutions normal, embeddings too; norms 1, biases 0; counters 0, running statistics 0 and 1.
pub(super) const DEFAULTS: &[Rule] = &[
    part("*", &[QUANTISED, BUFFERS]),
    vectors("*bias bias *running_mean *num_batches_tracked", "zeros"),
    vectors("*.weight weight *running_var", "ones"),
    matrices("*.weight weight", "normal(std=std)"),
];

/// Experts that are one tensor in memory, and a tensor for each matrix of each expert in files.
pub(super) const EXPERTS: Rule = rule("*.experts.gate_up_proj *.experts.down_proj", "normal(std=std)");

/// Embeddings of tokens with a row of zeros, where there is one.
pub(super) const fn padded(patterns: &'static str) -> Rule {
    rule(patterns, "padded(padding_idx=pad_token_id, of='normal', std=std)").when("has(pad_token_id)")
}

/// Heads that are the embedding.
pub(super) const fn tied(patterns: &'static str, source: &'static str) -> Rule {
    tie(patterns, source).when("tie_word_embeddings")
}

/// The head of causal models and the padding row of their embedding.
pub(super) const HEAD: &[Rule] = &[tied("*lm_head.weight", "*embed_tokens.weight"), padded("*embed_tokens.weight")];

/// A family of transformers' models that does nothing but that.
pub(super) const FAMILY: Recipe = Recipe {
    summary: "transformers' defaults",
    parameters: &[RANGE, UNTIED, PADDING],
    definitions: &[&[STD]],
    shared: ROPE,
    rules: &[HEAD, DEFAULTS],
    ..RECIPE
};

pub(super) const RECIPES: &[Recipe] = &[Recipe {
    name: "transformers",
    summary: "normal everywhere, norms 1, biases 0: what transformers' models do unless they say otherwise",
    source: "transformers modeling_utils.py, _init_weights",
    parameters: &[RANGE, UNTIED, PADDING],
    ..FAMILY
}];
