//! Families of transformers' models that differ from the base in a few tensors.

use crate::init::parameter;
use crate::recipe::family::base::{DEFAULTS, FAMILY, INIT_STD, PADDING, RANGE, STD, TIED, UNTIED, padded};
use crate::recipe::family::common::COMMON;
use crate::recipe::library::NORM_OF_OTHER;
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, matrices, rule, vectors};

/// torch.nn.init.trunc_normal_ with its bounds of -2 and 2, whatever the standard deviation.
const TRUNCATED: &str = "truncated_normal(std=std, lower=-2, upper=2)";
const SINUSOIDS: &[Rule] = &[rule("*embed_positions.weight", "sinusoidal(order='concatenated')")];
/// A state space layer's.
const MIXER: &[Rule] = &[rule("*.A_log", "state_space(kind='log_index')"), rule("*.D *.dt_bias", "ones")];

const WITH_SINKS: Recipe = Recipe {
    summary: "transformers' defaults; sinks of attention 0",
    rules: &[&[rule("*.sinks", "zeros")], COMMON, DEFAULTS],
    ..FAMILY
};
const SINUSOIDAL: Recipe = Recipe {
    summary: "transformers' defaults by init_std; positions sinusoidal",
    definitions: &[&[INIT_STD]],
    rules: &[SINUSOIDS, COMMON, DEFAULTS],
    ..FAMILY
};

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "afmoe",
        summary: "transformers' defaults; routers 0",
        source: "transformers models/afmoe/modeling_afmoe.py, _init_weights",
        model_types: &["afmoe"],
        rules: &[&[rule("*.router.gate.weight", "zeros")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "apertus",
        summary: "transformers' defaults; slopes of the activation that softplus makes 0.8 and 0.5 apart",
        source: "transformers activations.py, XIELUActivation",
        model_types: &["apertus", "apertus1p5_text"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "3")],
        rules: &[
            &[
                // ln(exp(0.8) - 1) as PyTorch computes it in f32.
                rule("*.act_fn.alpha_p", "constant(value=0.20338237)"),
                rule("*.act_fn.alpha_n", "constant(value=ln(exp(0.3) - 1))"),
                rule("*.act_fn.beta", "constant(value=0.5)"),
                rule("*.act_fn.eps", "constant(value=-0.000001)"),
            ],
            COMMON,
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "convbert",
        summary: "transformers' defaults; biases of convolutions over keys 0",
        source: "transformers models/convbert/modeling_convbert.py, _init_weights",
        model_types: &["convbert"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "1")],
        rules: &[&[matrices("*.key_conv_attn_layer.bias", "zeros")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "cvt",
        summary: "matrices and class tokens truncated normal",
        source: "transformers models/cvt/modeling_cvt.py, _init_weights",
        model_types: &["cvt"],
        parameters: &[RANGE],
        rules: &[&[rule("*.cls_token", TRUNCATED), matrices("*.weight", TRUNCATED)], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "diffllama",
        summary: "transformers' defaults; lambdas of attention normal",
        source: "transformers models/diffllama/modeling_diffllama.py, _init_weights",
        model_types: &["diffllama"],
        parameters: &[RANGE, UNTIED, PADDING, parameter("lambda_std_dev", "0.1")],
        rules: &[&[vectors("*.lambda_{q,k}?", "normal(std=lambda_std_dev)")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "doge",
        summary: "transformers' defaults; residual scales 1, dynamic masks 0",
        source: "transformers models/doge/modeling_doge.py, _init_weights",
        model_types: &["doge"],
        rules: &[
            &[rule("*.self_attn.A *.router_gate.weight", "zeros").when("rank < 2"), rule("*_residual", "ones")],
            COMMON,
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "ernie4_5_moe",
        summary: "transformers' defaults; corrections of routers 0",
        source: "transformers models/ernie4_5_moe/modeling_ernie4_5_moe.py, _init_weights",
        model_types: &["ernie4_5_moe"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "0")],
        rules: &[&[matrices("*.e_score_correction_bias", "zeros")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "falcon_h1",
        summary: "transformers' defaults; A_log = ln(1..heads), D and steps 1",
        source: "transformers models/falcon_h1/modeling_falcon_h1.py, _init_weights",
        model_types: &["falcon_h1"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "0")],
        rules: &[MIXER, COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "hubert",
        summary: "transformers' defaults; convolutions by Kaiming, positions by torch's own law",
        source: "transformers models/hubert/modeling_hubert.py, _init_weights",
        model_types: &["hubert", "sew"],
        parameters: &[RANGE],
        definitions: &[&[STD, ("bound", "1 / sqrt(fan_in)")]],
        rules: &[
            &[
                rule("*masked_spec_embed", "uniform"),
                rule(
                    "*pos_conv_embed.conv.{weight_v,parametrizations.weight.original1}",
                    "uniform(low=-bound, high=bound)",
                ),
                NORM_OF_OTHER,
                // With a batch norm in the place of weight_norm.
                rule("*pos_conv_embed.conv.weight", "kaiming_normal"),
                matrices("*feature_extractor.conv_layers.*.conv.weight", "kaiming_normal"),
                rule("layer_weights", "constant(value=1 / rows)"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "granite_swa",
        source: "transformers models/granite_swa/modeling_granite_swa.py, _init_weights",
        model_types: &["granite_swa"],
        parameters: &[RANGE, TIED, PADDING],
        ..WITH_SINKS
    },
    Recipe {
        name: "granitemoe_swa",
        source: "transformers models/granitemoe_swa/modeling_granitemoe_swa.py, _init_weights",
        model_types: &["granitemoe_swa"],
        ..WITH_SINKS
    },
    Recipe {
        name: "internvl_vision",
        summary: "transformers' defaults; tokens and positions 0, scales of layers constant",
        source: "transformers models/internvl/modeling_internvl.py, _init_weights",
        model_types: &["internvl_vision"],
        parameters: &[RANGE, parameter("layer_scale_init_value", "0.1")],
        rules: &[
            &[
                rule("*{cls_token,mask_token,position_embeddings}", "zeros"),
                rule("*.lambda_?", "constant(value=layer_scale_init_value)"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "mimo_v2_flash",
        summary: "transformers' defaults; sinks of attention normal",
        source: "transformers models/mimo_v2_flash/modeling_mimo_v2_flash.py, _init_weights",
        model_types: &["mimo_v2_flash"],
        rules: &[&[rule("*.sinks *.attention_sink_bias", "normal(std=std)")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "mpnet",
        summary: "transformers' defaults; row 1 of words and positions 0, whatever the configuration says",
        source: "transformers models/mpnet/modeling_mpnet.py, MPNetEmbeddings",
        model_types: &["mpnet"],
        parameters: &[RANGE, TIED],
        rules: &[
            &[
                COMMON[0],
                COMMON[1],
                rule("*embeddings.{word,position}_embeddings.weight", "padded(padding_idx=1, of='normal', std=std)"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "exaone",
        summary: "transformers' defaults, by both names of the embedding",
        source: "transformers models/exaone/modeling_exaone.py",
        model_types: &["exaone"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "0")],
        rules: &[&[COMMON[0], padded("*{wte,embed_tokens}.weight")], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "minimax_m3_vl_text",
        summary: "transformers' defaults; norms 0, which stand for 1",
        source: "transformers models/minimax_m3_vl/modeling_minimax_m3_vl.py, _init_weights",
        model_types: &["minimax_m3_vl_text"],
        rules: &[&[vectors("*norm.weight", "zeros")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "nanochat",
        summary: "transformers' defaults; outputs of attention divided by sqrt(2 L)",
        source: "transformers models/nanochat/modeling_nanochat.py, _init_weights",
        model_types: &["nanochat"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "1"), parameter("num_hidden_layers", "")],
        definitions: &[&[STD, ("num_hidden_layers", "layers")]],
        rules: &[&[rule("*.o_proj.weight", "normal(std=std / sqrt(2 * num_hidden_layers))")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "vilt",
        summary: "transformers' defaults; tokens and positions of images 0",
        source: "transformers models/vilt/modeling_vilt.py",
        model_types: &["vilt"],
        parameters: &[RANGE, TIED, PADDING],
        rules: &[&[rule("*embeddings.{cls_token,position_embeddings}", "zeros")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "nystromformer",
        summary: "transformers' defaults; positions from 2",
        source: "transformers models/nystromformer/modeling_nystromformer.py",
        model_types: &["nystromformer", "yoso", "mra"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "1")],
        rules: &[&[rule("*position_ids", "arange(start=2)")], COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "marian",
        source: "transformers models/marian/modeling_marian.py, MarianSinusoidalPositionalEmbedding",
        model_types: &["marian"],
        parameters: &[parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "58100")],
        ..SINUSOIDAL
    },
    Recipe {
        name: "pegasus",
        source: "transformers models/pegasus/modeling_pegasus.py, PegasusSinusoidalPositionalEmbedding",
        model_types: &["pegasus"],
        parameters: &[parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "0")],
        ..SINUSOIDAL
    },
    Recipe {
        name: "roformer",
        summary: "transformers' defaults; positions sinusoidal",
        source: "transformers models/roformer/modeling_roformer.py, RoFormerSinusoidalPositionalEmbedding",
        model_types: &["roformer"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "0")],
        rules: &[SINUSOIDS, COMMON, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "levit",
        summary: "transformers' defaults; biases of attention 0",
        source: "transformers models/levit/modeling_levit.py",
        model_types: &["levit"],
        parameters: &[RANGE],
        rules: &[&[rule("*.attention_biases", "zeros")], DEFAULTS],
        ..FAMILY
    },
];
