//! Adapters and coordinate networks.

use crate::init::{Initializer, parameter};
use crate::law::Law;
use crate::recipe::recipe::{Recipe, law, normal, of, rule, uniform};
use crate::recipe::rules::NORMS_AND_BIASES;

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "lora",
        summary: "A uniform of 1 / sqrt(fan_in), B zero: adapters that change nothing at first",
        source: "Hu et al. 2021, section 4.1; peft tuners/lora/layer.py, reset_lora_parameters",
        parameters: &[],
        rules: &[&[
            rule(&["*lora_embedding_A*", "*lora_B*", "*lora_down.bias", "*lora_up*"], "0", |_| law(Law::Constant(0.0))),
            rule(&["*lora_embedding_B*"], "normal, 1", |_| normal(1.0)),
            rule(&["*lora_A*", "*lora_down.weight"], "uniform, 1 / sqrt(fan_in) (Kaiming, a = sqrt(5))", |case| {
                uniform(1.0 / f64::sqrt(case.fan_in()?))
            }),
        ]],
    },
    Recipe {
        name: "siren",
        summary: "first layer uniform of 1/n, others of sqrt(6/n) / omega",
        source: "Sitzmann et al., \"Implicit neural representations with periodic activation functions\" 2020, section 3.2",
        parameters: &[parameter("omega", "30")],
        rules: &[&[
            rule(&["*.bias", "bias"], "uniform, 1 / sqrt(fan_in of the weight)", |case| {
                uniform(1.0 / f64::sqrt(case.fan_in_of_weight()?))
            }),
            rule(&["*.weight"], "uniform, 1 / fan_in in the first layer, sqrt(6 / fan_in) / omega in others", |case| {
                let inputs = case.fan_in()?;
                if case.model.facts.first_matrix.as_deref() == Some(case.name) {
                    return uniform(1.0 / inputs);
                }
                uniform(f64::sqrt(6.0 / inputs) / case.number("omega")?)
            }),
        ]],
    },
    Recipe {
        name: "nerf",
        summary: "Glorot uniform, biases 0",
        source: "Mildenhall et al. 2020; bmild/nerf run_nerf_helpers.py (Keras' Dense)",
        parameters: &[],
        rules: &[NORMS_AND_BIASES, &[rule(&["*.weight"], "Glorot uniform", |_| of(Initializer::glorot_uniform()))]],
    },
];
