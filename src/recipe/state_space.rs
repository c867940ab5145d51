//! State space models.

use crate::init::parameter;
use crate::init::{Matrix, StateSpace};
use crate::law::Law;
use crate::real;
use crate::recipe::recipe::{Recipe, law, normal, of, rule, uniform};
use crate::recipe::rules::{EMBEDDINGS, NORMS_AND_BIASES};

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "mamba",
        summary: "A_log = ln(1..N), steps log-uniform through the inverse softplus, outputs divided by sqrt(L)",
        source: "Gu and Dao 2023, section 3.6; state-spaces/mamba mamba_simple.py, mixer_seq_simple.py",
        parameters: &[
            parameter("std", "0.02"),
            parameter("dt_min", "0.001"),
            parameter("dt_max", "0.1"),
            parameter("layers", ""),
        ],
        rules: &[
            &[
                rule(&["*.dt_proj.bias", "*.dt_bias"], "inverse softplus of log-uniform(dt_min, dt_max)", |case| {
                    law(Law::inverse_softplus_log_uniform(case.number("dt_min")?, case.number("dt_max")?)?)
                }),
                rule(&["*.dt_proj.weight"], "uniform, 1 / sqrt(rank)", |case| uniform(1.0 / f64::sqrt(case.fan_in()?))),
                rule(&["*.A_log"], "ln(1..N) of a matrix, ln(uniform(1, 16)) of a vector", |case| {
                    // Mamba-2 has one number for each head.
                    if case.shape.len() == 1 {
                        return law(Law::log_of_uniform(1.0, 16.0)?);
                    }
                    of(Matrix::StateSpace(StateSpace::LogIndex).into())
                }),
                rule(&["*.D"], "1", |_| law(Law::Constant(1.0))),
                rule(&["*.conv1d.bias"], "uniform, 1 / sqrt(fan_in of the weight)", |case| {
                    uniform(1.0 / f64::sqrt(case.fan_in_of_weight()?))
                }),
            ],
            NORMS_AND_BIASES,
            &[
                rule(&["*.out_proj.weight"], "uniform, 1 / sqrt(L fan_in)", |case| {
                    uniform(1.0 / f64::sqrt(case.layers()? * case.fan_in()?))
                }),
                rule(EMBEDDINGS, "normal, std", |case| normal(case.number("std")?)),
                rule(&["lm_head.weight"], "normal, std", |case| normal(case.number("std")?)),
                rule(&["*.weight"], "uniform, 1 / sqrt(fan_in)", |case| uniform(1.0 / f64::sqrt(case.fan_in()?))),
            ],
        ],
    },
    Recipe {
        name: "s4",
        summary: "HiPPO matrices and their diagonal forms; steps log-uniform",
        source: "Gu et al. 2020, equation 2; Gu et al., \"S4D\" 2022, section 4; state-spaces/s4 s4d.py",
        parameters: &[parameter("dt_min", "0.001"), parameter("dt_max", "0.1")],
        rules: &[
            &[
                rule(&["*.log_dt"], "uniform(ln dt_min, ln dt_max)", |case| {
                    let (low, high) = (case.number("dt_min")?, case.number("dt_max")?);
                    law(Law::uniform(real::log(low), real::log(high)))
                }),
                rule(&["*.log_A_real"], "ln(1/2)", |_| law(Law::Constant(real::log(0.5)))),
                rule(&["*.A_imag"], "pi n", |_| of(Matrix::StateSpace(StateSpace::Linear).into())),
                rule(&["*.A"], "HiPPO-LegS", |_| of(Matrix::StateSpace(StateSpace::LegS).into())),
                rule(&["*.B"], "sqrt(2n + 1)", |_| of(Matrix::StateSpace(StateSpace::LegSInput).into())),
                rule(&["*.C"], "normal, sqrt(1/2) in each part", |_| normal(f64::sqrt(0.5))),
                rule(&["*.D"], "normal, 1", |_| normal(1.0)),
            ],
            NORMS_AND_BIASES,
            &[rule(&["*.weight", "weight"], "uniform, 1 / sqrt(fan_in); 1 of a norm", |case| {
                if case.shape.len() < 2 { law(Law::Constant(1.0)) } else { uniform(1.0 / f64::sqrt(case.fan_in()?)) }
            })],
        ],
    },
];
