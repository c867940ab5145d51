//! What the modules of PyTorch and Equinox do by themselves.

use crate::init::{Parameter, parameter};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{Rule, matrices, norms, of_norms, refuse, rule, vectors};

pub(super) const PADDING: Parameter = parameter("padding_idx", "");
/// Which embeddings have that row, as a glob.
const PADDED: Parameter = parameter("padded", "*");

/// Scales that uniform laws of PyTorch have: Kaiming's uniform with a = sqrt(5).
pub(super) const SCALES: &[(&str, &str)] =
    &[("bound", "1 / sqrt(fan_in)"), ("of_bias", "1 / sqrt(weight_fan_in)"), ("of_hidden", "1 / sqrt(hidden)")];

pub(super) const LINEAR: &str = "uniform(low=-bound, high=bound)";
pub(super) const BIAS: &str = "uniform(low=-of_bias, high=of_bias)";

/// Recurrent layers: gates of `hidden` rows each.
const RECURRENT: Rule = rule("*weight_{ih,hh,hr}* *bias_{ih,hh}*", "uniform(low=-of_hidden, high=of_hidden)");
/// Biases of a layer's gates in the order input, forget, cell and output; of an LSTM's, that is.
const FORGET: &[Rule] = &[
    rule("*bias_ih*", "each(if(floor(i / hidden) == 1, forget, 0))").when("rows == 4 * hidden"),
    rule("*bias_{ih,hh}*", "zeros"),
];

/// Attention: torch.nn.MultiheadAttention.
pub(super) const ATTENTION: &[Rule] = &[
    rule("*in_proj_weight *{q,k,v}_proj_weight", "xavier_uniform"),
    rule("*in_proj_bias", "zeros"),
    rule("*bias_k *bias_v", "xavier_normal"),
    rule("*out_proj.bias", "zeros").when("beside('in_proj_weight') or beside('q_proj_weight')"),
];

const EMBEDDINGS: &[Rule] = &[
    rule("*embed*.weight *wte.weight *wpe.weight *vocab.weight", "padded(padding_idx=padding_idx, of='normal')")
        .when("has(padding_idx) and matches(name, padded)"),
    matrices("*embed*.weight *wte.weight *wpe.weight *vocab.weight", "normal"),
    // Language models of an encoder, a recurrent layer and a decoder.
    matrices("encoder.weight", "normal").when("not(exists('encoder.bias'))"),
];

/// What weight_norm takes out of a weight.
pub(in crate::recipe) const NORM_OF_OTHER: Rule =
    norms("*weight_g *parametrizations.weight.original0", "weight_g>weight_v original0>original1");

/// What changes a weight afterwards, of which no law of its own is known.
const PARAMETRIZED: &[Rule] = &[
    rule("*weight_v *parametrizations.weight.original1", LINEAR),
    rule("*bias", "uniform(low=-bound_of_parametrized, high=bound_of_parametrized)").when("has(bound_of_parametrized)"),
    NORM_OF_OTHER,
    refuse(
        "*parametrizations.weight.0._{u,v} *weight_{u,v}",
        "it follows from another tensor by power iteration (spectral_norm); initialize the model without spectral_norm \
         and add that afterwards, or give a rule",
    ),
    rule("*weight_orig *parametrizations.weight.original", LINEAR),
];

/// Linear layers, convolutions and norms.
pub(super) const LAYERS: &[Rule] = &[
    matrices("*bilinear*.weight", "uniform(low=-1 / sqrt(dim(1)), high=1 / sqrt(dim(1)))"),
    vectors("*bilinear*.bias", "uniform(low=-1 / sqrt(weight_dim_1), high=1 / sqrt(weight_dim_1))"),
    vectors("*prelu*.weight *PReLU*.weight", "constant(value=0.25)"),
    // A single slope without a bias: nn.PReLU() in a nn.Sequential.
    vectors("*.weight weight", "constant(value=0.25)").when("columns == 1 and not(has_bias)"),
    rule("*running_mean *num_batches_tracked", "zeros"),
    rule("*running_var", "ones"),
    of_norms("*bias bias", "zeros"),
    // LayerNorm over several dimensions: a bias of the weight's own shape.
    matrices("*norm*.weight *ln*.weight", "ones").when("has_equal_bias"),
    matrices("*norm*.bias *ln*.bias", "zeros"),
    vectors("*bias bias", BIAS),
    vectors("*.weight weight", "ones"),
    matrices("*.weight weight", LINEAR),
];

/// nn.Transformer draws all its matrices again.
const TRANSFORMER: &str = "exists('*encoder.layers.*.self_attn.in_proj_weight') and \
    exists('*decoder.layers.*.multihead_attn.in_proj_weight') and exists('*encoder.norm.weight')";
const REDRAWN: Rule = matrices("*encoder.layers.*weight *decoder.layers.*weight", "xavier_uniform").when(TRANSFORMER);

const PARAMETRIZATIONS: &[(&str, &str)] = &[
    ("weight_dim_1", "size('weight', 1)"),
    ("original", "else(size('parametrizations.weight.original1', 1), size('parametrizations.weight.original', 1))"),
    ("bound_of_parametrized", "1 / sqrt(else(size('weight_v', 1), else(size('weight_orig', 1), original)))"),
];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "torch",
        summary: "what PyTorch's modules do: uniform of 1 / sqrt(fan_in), embeddings normal, recurrent by hidden",
        source: "torch/nn/modules: linear.py, conv.py, sparse.py, rnn.py, activation.py, transformer.py, \
            reset_parameters",
        parameters: &[PADDING, PADDED],
        definitions: &[SCALES, PARAMETRIZATIONS],
        rules: &[&[RECURRENT, REDRAWN], ATTENTION, EMBEDDINGS, PARAMETRIZED, LAYERS],
        ..RECIPE
    },
    Recipe {
        name: "lstm",
        summary: "PyTorch's, with biases 0 but for the forget gate's",
        source: "torch/nn/modules/rnn.py; Jozefowicz, Zaremba and Sutskever 2015, section 2.2",
        parameters: &[parameter("forget", "1"), PADDING, PADDED],
        definitions: &[SCALES, PARAMETRIZATIONS],
        rules: &[FORGET, &[RECURRENT], ATTENTION, EMBEDDINGS, PARAMETRIZED, LAYERS],
        ..RECIPE
    },
    Recipe {
        name: "equinox",
        summary: "what Equinox' modules do: uniform of 1 / sqrt(fan_in), embeddings normal, recurrent by hidden",
        source: "equinox/nn: _linear.py, _conv.py, _rnn.py, _embedding.py, _attention.py, _normalisation.py",
        definitions: &[SCALES, PARAMETRIZATIONS],
        rules: &[&[
            RECURRENT,
            rule("*bias *bias_n", "uniform(low=-1 / sqrt(size('weight_hh', 1)), high=1 / sqrt(size('weight_hh', 1)))")
                .when("has(size('weight_hh', 1))"),
            matrices("*embed*.weight", "normal"),
            vectors("*negative_slope", "constant(value=0.25)"),
            of_norms("*bias bias", "zeros"),
            rule("*bias bias", BIAS),
            vectors("*.weight weight", "ones"),
            matrices("*.weight weight", LINEAR),
        ]],
        ..RECIPE
    },
];
