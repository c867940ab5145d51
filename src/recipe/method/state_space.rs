//! State space models.

use crate::init::parameter;
use crate::recipe::method::rules::{EMBEDDINGS, NORMS_AND_BIASES};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::roles::MIXER_OUTPUT;
use crate::recipe::rule::{matrices, rule, vectors};

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "mamba_ssm",
        summary: "A_log = ln(1..N), steps log-uniform through the inverse softplus, outputs divided by sqrt(L)",
        source: "Gu and Dao 2023, section 3.6; state-spaces/mamba mamba_simple.py, mixer_seq_simple.py",
        parameters: &[
            parameter("std", "0.02"),
            parameter("dt_min", "0.001"),
            parameter("dt_max", "0.1"),
            parameter("layers", ""),
            parameter("mixer_output", ""),
        ],
        needs: &[MIXER_OUTPUT],
        definitions: &[&[
            ("bound", "1 / sqrt(fan_in)"),
            ("of_output", "1 / sqrt(layers * fan_in)"),
            ("of_bias", "1 / sqrt(weight_fan_in)"),
        ]],
        rules: &[
            &[
                rule("*.dt_proj.bias *.dt_bias", "inverse_softplus_log_uniform(low=dt_min, high=dt_max)"),
                rule("*.dt_proj.weight", "uniform(low=-bound, high=bound)"),
                // Mamba-2 has one number for each head.
                vectors("*.A_log", "log_of_uniform(low=1, high=16)"),
                matrices("*.A_log", "state_space(kind='log_index')"),
                rule("*.D", "ones"),
                rule("*.conv1d.bias", "uniform(low=-of_bias, high=of_bias)"),
            ],
            NORMS_AND_BIASES,
            &[
                rule("@mixer_output", "uniform(low=-of_output, high=of_output)"),
                rule(EMBEDDINGS, "normal(std=std)"),
                rule("lm_head.weight", "normal(std=std)"),
                rule("*.weight", "uniform(low=-bound, high=bound)"),
            ],
        ],
        ..RECIPE
    },
    Recipe {
        name: "s4",
        summary: "HiPPO matrices and their diagonal forms; steps log-uniform",
        source: "Gu et al. 2020, equation 2; Gu et al., \"S4D\" 2022, section 4; state-spaces/s4 s4d.py",
        parameters: &[parameter("dt_min", "0.001"), parameter("dt_max", "0.1")],
        definitions: &[&[("bound", "1 / sqrt(fan_in)")]],
        rules: &[
            &[
                rule("*.log_dt", "uniform(low=ln(dt_min), high=ln(dt_max))"),
                rule("*.log_A_real", "constant(value=ln(0.5))"),
                rule("*.A_imag", "state_space(kind='linear')"),
                rule("*.A", "state_space(kind='legs')"),
                rule("*.B", "state_space(kind='legs_input')"),
                rule("*.C", "normal(std=sqrt(0.5))"),
                rule("*.D", "normal"),
            ],
            NORMS_AND_BIASES,
            &[vectors("*.weight weight", "ones"), matrices("*.weight weight", "uniform(low=-bound, high=bound)")],
        ],
        ..RECIPE
    },
];
