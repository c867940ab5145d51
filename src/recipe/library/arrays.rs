//! What the layers of Keras and Flax do by themselves, by the names that their variables have.

use crate::init::{Layout, parameter};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{Rule, matrices, rule, vectors};

/// Projections to heads of attention: one axis of inputs, two of outputs.
const HEADS: &str = "*{query,key,value,einsum*}{.,/}kernel";
/// Back from heads: two axes of inputs, one of outputs.
const FROM_HEADS: &str = "*{attention_output,out,out_proj}{.,/}kernel";

const KERAS: &[Rule] = &[
    // Gates stand in the order input, forget, cell and output.
    vectors("*bias", "each(if(floor(i / gate) == 1, forget, 0))").when("else(gates, 0) == 4"),
    rule("*recurrent_kernel", "orthogonal"),
    rule("*embeddings", "uniform(low=-0.05, high=0.05)"),
    rule("*gamma *moving_variance *{.,/}scale", "ones"),
    rule("*bias *beta *moving_mean *alpha", "zeros"),
    rule(HEADS, "uniform(low=-of_heads, high=of_heads)").when("rank == 3"),
    rule(FROM_HEADS, "uniform(low=-of_heads, high=of_heads)").when("rank == 3"),
    matrices("*kernel", "glorot_uniform"),
];

/// The same layers' weights as PyTorch stores them.
const KERAS_IN_TORCH: &[Rule] = &[
    rule("*bias_ih*", "each(if(floor(i / hidden) == 1, forget, 0))").when("rows == 4 * hidden"),
    rule("*bias *bias_{ih,hh}* *.beta *running_mean *num_batches_tracked", "zeros"),
    rule("*weight_hh*", "orthogonal").layout(Layout::Torch),
    rule("*weight_ih*", "glorot_uniform").layout(Layout::Torch),
    rule("*embed*.weight *wte.weight *wpe.weight", "uniform(low=-0.05, high=0.05)"),
    rule("*running_var", "ones"),
    vectors("*.weight weight", "ones"),
    matrices("*.weight weight", "glorot_uniform").layout(Layout::Torch),
];

const FLAX: &[Rule] = &[
    rule("*{hi,hf,hg,ho,hr,hz,hn,dense_h}{.,/}kernel{,.value,/value}", "orthogonal"),
    rule("*embedding{,.value,/value}", "normal(std=1 / sqrt(columns))"),
    rule("*{.,/}{scale,var}{,.value,/value}", "ones"),
    rule("*{.,/}{bias,mean}{,.value,/value}", "zeros"),
    // LeCun's by the inputs that each output has.
    rule("*{query,key,value}{.,/}kernel{,.value,/value}", "truncated_normal(std=1 / sqrt(dim(0)) / truncated)")
        .when("rank == 3"),
    rule("*out{.,/}kernel{,.value,/value}", "truncated_normal(std=1 / sqrt(dim(0) * dim(1)) / truncated)")
        .when("rank == 3"),
    matrices("*kernel{,.value,/value}", "lecun_normal"),
];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "keras",
        summary: "what Keras' layers do: Glorot uniform, embeddings uniform, recurrent orthogonal, forget bias 1",
        source: "keras/src/layers: core/dense.py, core/embedding.py, core/einsum_dense.py, rnn/lstm.py, \
                 attention/multi_head_attention.py",
        parameters: &[parameter("forget", "1")],
        definitions: &[&[
            // Of a recurrent layer's gates, those that recurrent_kernel has.
            ("gate", "size('recurrent_kernel', 0)"),
            ("gates", "size('recurrent_kernel', 1) / gate"),
            ("of_heads", "sqrt(6 / (ins + outs))"),
            ("is_back", "contains(name, 'out')"),
            ("ins", "if(is_back, dim(0) * dim(1), dim(0))"),
            ("outs", "if(is_back, dim(2), dim(1) * dim(2))"),
        ]],
        rules: &[KERAS, KERAS_IN_TORCH],
        layout: Some(Layout::Keras),
        ..RECIPE
    },
    Recipe {
        name: "flax",
        summary: "what the layers of Flax (linen and nnx) do: LeCun's truncated normal, embeddings normal of 1 / \
            sqrt(d)",
        source: "flax/linen and flax/nnx/nn: linear.py, attention.py, recurrent.py, normalization.py",
        definitions: &[&[("truncated", "0.87962566103423978")]],
        rules: &[FLAX],
        layout: Some(Layout::Keras),
        ..RECIPE
    },
];
