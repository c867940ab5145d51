//! Rules that many recipes end with.

use crate::law::Law;
use crate::recipe::recipe::{Rule, law, rule_of_vectors};

/// Outputs of attention and of feed-forward networks, which are added to the residual stream, by the names that
/// transformers, Megatron-LM, GPT-NeoX, Llama and PyTorch give them.
pub(super) const RESIDUAL: &[&str] = &[
    "*.c_proj.weight",
    "*.o_proj.weight",
    "*.down_proj.weight",
    "*.out_proj.weight",
    "*.dense_4h_to_h.weight",
    "*attention.dense.weight",
    "*.linear_proj.weight",
    "*.linear_fc2.weight",
    "*.fc2.weight",
    "*.wo.weight",
    "*.w2.weight",
];

/// Embeddings of tokens and positions.
pub(super) const EMBEDDINGS: &[&str] =
    &["*wte.weight", "*wpe.weight", "*embed*.weight", "*shared.weight", "*embedding", "*embeddings", "*pos_embed"];

/// Scales of norms.
const NORMS: &[&str] = &[
    "*norm*.weight",
    "*Norm*.weight",
    "*ln*.weight",
    "*layer_norm*.weight",
    "*.bn*.weight",
    "bn*.weight",
    "*downsample.1.weight",
    "*shortcut.1.weight",
    "*norm*.gamma",
    "*Norm*.gamma",
    "*norm*.scale",
    "*running_var",
];

/// Everything that is 0 at the beginning.
const ZEROS: &[&str] = &["*bias", "*.beta", "*running_mean", "*num_batches_tracked"];

/// Norms of scale 1, biases of 0, and running statistics.
pub(super) const NORMS_AND_BIASES: &[Rule] = &[
    rule_of_vectors(ZEROS, "0", |_| law(Law::Constant(0.0))),
    rule_of_vectors(NORMS, "1", |_| law(Law::Constant(1.0))),
];
