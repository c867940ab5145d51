//! Adapters and coordinate networks.

use crate::init::parameter;
use crate::recipe::method::rules::NORMS_AND_BIASES;
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::roles::FIRST_LAYER;
use crate::recipe::rule::{norms, rule};

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "lora",
        summary: "A uniform of 1 / sqrt(fan_in), B zero: adapters that change nothing at first",
        source: "Hu et al. 2021, section 4.1; peft tuners/lora/layer.py, reset_lora_parameters; torchtune \
                 modules/peft/lora.py; kohya-ss/sd-scripts networks/lora.py; diffusers models/lora.py",
        definitions: &[&[
            ("bound", "1 / sqrt(fan_in)"),
            ("rank_of_down", "else(size('lora_down.weight', 0), rank_of_peft)"),
            ("rank_of_peft", "size('lora_A.weight', 0)"),
        ]],
        rules: &[&[
            // DoRA's, of the weight that is adapted: B is 0.
            norms(
                "*lora_magnitude_vector* *.magnitude",
                "lora_magnitude_vector>base_layer.weight lora_magnitude_vector>weight magnitude>weight",
            ),
            rule("*lora_embedding_A* *lora_B* *lora_b.weight *lora_down.bias *lora_up* *.lora.up.weight", "zeros"),
            rule("*lora_embedding_B*", "normal"),
            // Kaiming's uniform with a = sqrt(5).
            rule("*lora_A* *lora_a.weight *lora_down.weight", "uniform(low=-bound, high=bound)"),
            // diffusers' own layers.
            rule("*.lora.down.weight", "normal(std=1 / rows)"),
            // The scale, alpha / rank, is 1.
            rule("*.alpha", "constant(value=rank_of_down)"),
        ]],
        ..RECIPE
    },
    Recipe {
        name: "siren",
        summary: "first layer uniform of 1/n, others of sqrt(6/n) / omega",
        source: "Sitzmann et al., \"Implicit neural representations with periodic activation functions\" 2020, \
            section 3.2",
        parameters: &[parameter("omega", "30"), parameter("first_layer", "")],
        needs: &[FIRST_LAYER],
        definitions: &[&[("of_bias", "1 / sqrt(weight_fan_in)"), ("of_weight", "sqrt(6 / fan_in) / omega")]],
        rules: &[&[
            rule("@first_layer", "uniform(low=-1 / fan_in, high=1 / fan_in)"),
            rule("*.bias bias", "uniform(low=-of_bias, high=of_bias)"),
            rule("*.weight", "uniform(low=-of_weight, high=of_weight)"),
        ]],
        ..RECIPE
    },
    Recipe {
        name: "nerf",
        summary: "Glorot uniform, biases 0",
        source: "Mildenhall et al. 2020; bmild/nerf run_nerf_helpers.py (Keras' Dense)",
        rules: &[NORMS_AND_BIASES, &[rule("*.weight", "glorot_uniform")]],
        ..RECIPE
    },
];
