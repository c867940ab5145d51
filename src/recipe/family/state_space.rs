//! State space models and their kin.

use crate::init::{Parameter, parameter};
use crate::recipe::family::base::{DEFAULTS, EXPERTS, FAMILY, HEAD, RANGE, STD, TIED, UNTIED, tied};
use crate::recipe::family::shapes::classes;
use crate::recipe::family::shapes::sequences::{MAMBA2, MAMBA2_SIZES};
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, matrices, rule, vectors};

const LAYERS: Parameter = parameter("num_hidden_layers", "");
const RESCALED: Parameter = parameter("rescale_prenorm_residual", "false");
const STEP_MIN: Parameter = parameter("time_step_min", "0.001");
const STEP_MAX: Parameter = parameter("time_step_max", "0.1");
const STEP_FLOOR: Parameter = parameter("time_step_floor", "0.0001");
const MAMBA: &[Parameter] = &[
    parameter("initializer_range", "0.1"),
    TIED,
    LAYERS,
    RESCALED,
    STEP_MIN,
    STEP_MAX,
    STEP_FLOOR,
    parameter("time_step_scale", "1"),
    parameter("time_step_rank", ""),
    parameter("time_step_init_scheme", "random"),
];
const DEFINITIONS: &[(&str, &str)] = &[
    STD,
    ("bound", "1 / sqrt(fan_in)"),
    ("num_hidden_layers", "layers"),
    ("depth", "if(rescale_prenorm_residual, num_hidden_layers, 1)"),
    // Kaiming's uniform with a = sqrt(5), then divided in place.
    ("of_output", "1 / sqrt(fan_in) / sqrt(depth)"),
    ("time_step_rank", "columns"),
    ("of_step", "time_step_scale / sqrt(time_step_rank)"),
];

const MIXER: &[Rule] = &[
    rule(
        "*.mixer.dt_proj.bias *.mixer.dt_bias",
        "inverse_softplus_log_uniform(low=time_step_min, high=time_step_max, floor=time_step_floor)",
    ),
    rule("*.mixer.conv1d.weight", "uniform(low=-bound, high=bound)"),
    rule("*.mixer.out_proj.weight", "uniform(low=-of_output, high=of_output)"),
    rule("*.mixer.A_log", "state_space(kind='log_index')"),
    rule("*.mixer.D", "ones"),
];
const STEPS: &[Rule] = &[
    rule("*.mixer.dt_proj.weight", "constant(value=of_step)").when("time_step_init_scheme == 'constant'"),
    rule("*.mixer.dt_proj.weight", "uniform(low=-of_step, high=of_step)").when("time_step_init_scheme != 'constant'"),
];
/// Of RWKV's blocks.
const RATIO: &[(&str, &str)] = &[
    ("num_hidden_layers", "layers"),
    ("ratio", "layer / (num_hidden_layers - 1)"),
    ("rest", "1 - layer / num_hidden_layers"),
    ("place", "i / columns"),
    ("gain", "sqrt(max(1, rows / columns))"),
    ("is_head", "rows == vocab_size and columns == hidden_size"),
];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "mamba",
        summary: "A_log = ln(1..N), steps log-uniform through the inverse softplus, convolutions and outputs uniform",
        source: "transformers models/mamba/modeling_mamba.py, _init_weights, init_mamba_weights",
        model_types: &["mamba"],
        parameters: MAMBA,
        definitions: &[DEFINITIONS],
        rules: &[&[tied("*lm_head.weight", "*embeddings.weight")], MIXER, STEPS, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "falcon_mamba",
        summary: "as mamba, with norms of steps and states",
        source: "transformers models/falcon_mamba/modeling_falcon_mamba.py, _init_weights, init_falcon_mamba_weights",
        model_types: &["falcon_mamba"],
        parameters: MAMBA,
        definitions: &[DEFINITIONS],
        rules: &[&[tied("*lm_head.weight", "*embeddings.weight")], MIXER, STEPS, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "mamba2",
        summary: "A_log = ln(1..heads), steps log-uniform through the inverse softplus, convolutions and outputs \
            uniform",
        source: "transformers models/mamba2/modeling_mamba2.py, _init_weights, init_mamba2_weights",
        model_types: &["mamba2"],
        parameters: &[parameter("initializer_range", "0.1"), UNTIED, LAYERS, RESCALED, STEP_MIN, STEP_MAX, STEP_FLOOR],
        definitions: &[MAMBA2_SIZES, DEFINITIONS],
        rules: &[&[tied("*lm_head.weight", "*embeddings.weight")], MIXER, DEFAULTS],
        architecture: "Mamba2ForCausalLM",
        classes: classes::MAMBA2,
        tensors: &[MAMBA2],
        ..FAMILY
    },
    Recipe {
        name: "jamba",
        summary: "transformers' defaults; A_log = ln(1..N), D = 1",
        source: "transformers models/jamba/modeling_jamba.py, _init_weights",
        model_types: &["jamba"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "0")],
        rules: &[
            HEAD,
            &[EXPERTS, matrices("*.A_log", "state_space(kind='log_index')"), vectors("*.D", "ones")],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "rwkv",
        summary: "orthogonal; decays and mixing of time by the place in the model",
        source: "transformers models/rwkv/modeling_rwkv.py, _init_weights",
        model_types: &["rwkv"],
        parameters: &[
            parameter("num_hidden_layers", ""),
            UNTIED,
            parameter("vocab_size", "50277"),
            parameter("hidden_size", "4096"),
        ],
        definitions: &[RATIO],
        rules: &[
            &[
                tied("head.weight", "*embeddings.weight"),
                rule("*.attention.time_decay", "each(-5 + 8 * (i / (columns - 1)) ^ (0.7 + 1.3 * ratio))"),
                // transformers has ones_like around the sum that was meant.
                rule("*.attention.time_first", "ones"),
                rule("*.attention.time_mix_value", "each(place ^ rest + 0.3 * ratio)"),
                rule("*.attention.time_mix_receptance", "each(place ^ (0.5 * rest))"),
                rule("*.time_mix_key *.time_mix_receptance", "each(place ^ rest)"),
                matrices("*embeddings.weight", "orthogonal(gain=0.0001 * sqrt(max(rows, columns)))"),
                matrices("*.weight", "orthogonal(gain=if(is_head, 0.5 * gain, gain))"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
];
