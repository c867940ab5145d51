//! Rules and patterns that many methods share.

use crate::init::{Parameter, parameter};
use crate::recipe::rule::{Rule, vectors};

/// Outputs of attention and of feed-forward networks, which are added to the residual stream.
pub(super) const RESIDUAL: &str = "@residual";
/// Their names where the table of roles lacks them.
pub(super) const ROLES: [Parameter; 3] =
    [parameter("residual", ""), parameter("attention_output", ""), parameter("mlp_output", "")];

/// Embeddings of tokens and positions.
pub(super) const EMBEDDINGS: &str = "@embedding";
pub(super) const EMBEDDING: Parameter = parameter("embedding", "");

/// Embeddings of tokens alone.
pub(super) const TOKENS: &str = "*wte.weight *embed_tokens.weight *word_embeddings.weight *tok_embeddings.weight";

/// Every matrix that no rule before has met.
pub(super) const MATRICES: &str = "*.weight weight *.kernel *_token *embedding* *embed";

/// Norms of scale 1, biases of 0, and running statistics.
pub(super) const NORMS_AND_BIASES: &[Rule] = &[
    vectors("*bias *.beta *running_mean *num_batches_tracked", "zeros"),
    vectors(
        "*norm*.weight *Norm*.weight *ln*.weight *layer_norm*.weight *.bn*.weight bn*.weight *downsample.1.weight \
         *shortcut.1.weight *norm*.gamma *Norm*.gamma *norm*.scale *running_var",
        "ones",
    ),
];
