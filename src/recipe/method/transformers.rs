//! Transformers.

use crate::init::{Parameter, parameter};
use crate::recipe::method::rules::{EMBEDDING, EMBEDDINGS, MATRICES, NORMS_AND_BIASES, RESIDUAL, ROLES, TOKENS};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::roles::{HEAD, SCALED_OUTPUTS as OUTPUTS};
use crate::recipe::rule::{Rule, refuse, rule};

const STD: Parameter = parameter("std", "0.02");
/// Else counted by the tensors' names.
const LAYERS: Parameter = parameter("layers", "");
const WIDTH: Parameter = parameter("width", "");
const PADDING: Parameter = parameter("padding_idx", "");

/// Why a fused tensor has no query of zeros.
const FUSED_QUERY: &str =
    "query, key and value are one tensor, of which only the query would be 0; split them, or leave out zero_query";

const SCALED_OUTPUTS: Rule = rule(RESIDUAL, "normal(std=std / sqrt(2 * layers))");
const NORMAL: Rule = rule(MATRICES, "normal(std=std)");
const SMALL: Rule = rule(MATRICES, "normal(std=sqrt(2 / (5 * width)))");

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "megatron",
        summary: "normal; outputs into the residual stream divided by sqrt(2 L)",
        source: "Shoeybi et al. 2019, section 5.1; Megatron-LM scaled_init_method_normal",
        parameters: &[STD, LAYERS, ROLES[0], ROLES[1], ROLES[2]],
        scales: OUTPUTS,
        rules: &[NORMS_AND_BIASES, &[SCALED_OUTPUTS, NORMAL]],
        ..RECIPE
    },
    Recipe {
        name: "tinyllama",
        summary: "normal of sqrt(2 / (5 d)); outputs into the residual stream 1 / (L sqrt(d))",
        source: "Nguyen and Salazar 2019, section 2.2; TinyLlama lit_gpt/model.py, _init_weights",
        parameters: &[LAYERS, WIDTH, ROLES[0], ROLES[1], ROLES[2]],
        scales: OUTPUTS,
        rules: &[NORMS_AND_BIASES, &[rule(RESIDUAL, "normal(std=1 / sqrt(width) / layers)"), SMALL]],
        ..RECIPE
    },
    Recipe {
        name: "small_init",
        summary: "normal of sqrt(2 / (5 d)) everywhere",
        source: "Nguyen and Salazar, \"Transformers without tears\" 2019, section 2.2",
        parameters: &[WIDTH],
        rules: &[NORMS_AND_BIASES, &[SMALL]],
        ..RECIPE
    },
    Recipe {
        name: "wang_init",
        summary: "normal of 2 / (L sqrt(d)) everywhere",
        source: "Wang and Komatsuzaki 2021, Mesh Transformer JAX; GPT-NeoX init_functions.py, wang_init_method",
        parameters: &[LAYERS, WIDTH],
        rules: &[NORMS_AND_BIASES, &[rule(MATRICES, "normal(std=2 / layers / sqrt(width))")]],
        ..RECIPE
    },
    Recipe {
        name: "neox_20b",
        summary: "small_init, and wang_init for outputs into the residual stream",
        source: "Black et al., \"GPT-NeoX-20B\" 2022, section 2.1",
        parameters: &[LAYERS, WIDTH, ROLES[0], ROLES[1], ROLES[2]],
        scales: OUTPUTS,
        rules: &[NORMS_AND_BIASES, &[rule(RESIDUAL, "normal(std=2 / layers / sqrt(width))"), SMALL]],
        ..RECIPE
    },
    Recipe {
        name: "google_bert",
        summary: "normal truncated at 2 std",
        source: "Devlin et al. 2019; google-research/bert modeling.py, create_initializer",
        parameters: &[STD, PADDING],
        rules: &[
            NORMS_AND_BIASES,
            &[
                rule(TOKENS, "padded(padding_idx=padding_idx, of='truncated_normal', std=std)")
                    .when("has(padding_idx)"),
                rule(MATRICES, "truncated_normal(std=std)"),
            ],
        ],
        ..RECIPE
    },
    Recipe {
        name: "mup",
        summary: "maximal update parametrization: m = d / base_width divides variances of hidden matrices",
        source: "Yang et al., \"Tensor programs V\" 2022, tables 3 and 8, and appendix D.2 (zero readout and query), \
            for SGD and Adam alike; microsoft/mup init.py",
        // By table 8 the head has a multiplier 1/m in the model, and none in its law.
        parameters: &[
            STD,
            parameter("base_width", "256"),
            WIDTH,
            parameter("table", "3"),
            parameter("zero_readout", "false"),
            parameter("zero_query", "false"),
            parameter("head", ""),
            parameter("query", ""),
            EMBEDDING,
        ],
        needs: &[HEAD],
        rules: &[
            NORMS_AND_BIASES,
            &[
                rule("@head", "zeros").when("zero_readout"),
                rule("@head", "normal(std=std * if(table == 8, 1, base_width / width))"),
                refuse("@query_key_value", FUSED_QUERY).when("zero_query"),
                rule("@query", "zeros").when("zero_query"),
                rule(EMBEDDINGS, "normal(std=std)"),
                rule(MATRICES, "normal(std=std * sqrt(base_width / width))"),
            ],
        ],
        ..RECIPE
    },
];
