//! Deep residual networks without, or with few, normalizations.

use crate::error::{Error, Result};
use crate::init::{Initializer, Mode, Nonlinearity, parameter};
use crate::law::Law;
use crate::real;
use crate::recipe::model::layer;
use crate::recipe::recipe::{Case, Choice, Recipe, Rule, law, normal, of, rule, rule_of_vectors};
use crate::recipe::rules::{EMBEDDINGS, NORMS_AND_BIASES};

const LAYERS: &[crate::init::Parameter] = &[parameter("layers", "")];
/// Values, outputs of attention, and feed-forward networks: what DeepNorm and T-Fixup scale.
const SCALED: &[&str] = &[
    "*v_proj.weight",
    "*.v.weight",
    "*.value.weight",
    "*out_proj.weight",
    "*o_proj.weight",
    "*.o.weight",
    "*fc1.weight",
    "*fc2.weight",
    "*linear1.weight",
    "*linear2.weight",
    "*.wi*.weight",
    "*.wo.weight",
    "*gate_proj.weight",
    "*up_proj.weight",
    "*down_proj.weight",
    "*intermediate.dense.weight",
    "*output.dense.weight",
];
/// Query, key and value in one: its parts would need scales of their own.
const FUSED: &[&str] = &["*in_proj_weight", "*qkv*.weight", "*c_attn.weight", "*query_key_value.weight"];
const SPLIT: Rule = rule(FUSED, "none: query, key and value differ", |case| {
    Err(Error::FusedTensor { recipe: case.given.owner[1], name: case.name.to_owned() })
});
const HEADS: &[&str] = &["fc.*", "*classifier.weight", "*classifier.bias", "head.weight", "head.bias"];
const ZERO_HEAD: Rule = rule(HEADS, "0", |_| law(Law::Constant(0.0)));

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "deepnorm",
        summary: "Xavier normal; values, outputs and feed-forward networks times beta",
        source: "Wang et al., \"DeepNet\" 2022, figure 2",
        parameters: LAYERS,
        rules: &[
            NORMS_AND_BIASES,
            &[
                SPLIT,
                rule(SCALED, "Xavier normal, gain beta", |case| of(Initializer::xavier_normal(beta(case)?))),
                rule(EMBEDDINGS, "normal, d^(-1/2)", embedding),
                rule(&["*.weight"], "Xavier normal", |_| of(Initializer::xavier_normal(1.0))),
            ],
        ],
    },
    Recipe {
        name: "t_fixup",
        summary: "Xavier uniform; values, outputs, feed-forward networks and embeddings scaled by depth",
        source: "Huang et al., \"Improving transformer optimization through better initialization\" 2020, section 4.2",
        parameters: LAYERS,
        rules: &[
            NORMS_AND_BIASES,
            &[
                SPLIT,
                rule(SCALED, "Xavier uniform, gain 0.67 N^(-1/4) or (9 N)^(-1/4)", |case| {
                    of(Initializer::xavier_uniform(t_fixup(case, case.name.contains("encoder"))?))
                }),
                rule(EMBEDDINGS, "normal, d^(-1/2) (9 N)^(-1/4)", |case| {
                    let width = case.shape.last().copied().unwrap_or(1) as f64;
                    normal(t_fixup(case, false)? / f64::sqrt(width))
                }),
                rule(&["*.weight"], "Xavier uniform", |_| of(Initializer::xavier_uniform(1.0))),
            ],
        ],
    },
    Recipe {
        name: "fixup",
        summary: "He normal by fan_out, scaled by depth inside of residual branches, which end with zeros",
        source: "Zhang, Dauphin and Ma, \"Fixup initialization\" 2019, section 3; github.com/hongyi-zhang/Fixup",
        parameters: LAYERS,
        rules: &[
            NORMS_AND_BIASES,
            &[
                ZERO_HEAD,
                rule_of_vectors(&["*.bias*"], "0", |_| law(Law::Constant(0.0))),
                rule_of_vectors(&["*.scale"], "1", |_| law(Law::Constant(1.0))),
                rule(&["*downsample*.weight", "*shortcut*.weight"], "He normal, fan_out", |_| of(he_by_outputs(1.0))),
                rule(&["*conv*.weight"], "He normal, fan_out, times L^(-1/(2m - 2)); 0 for the last of m", fixup),
                rule(&["*.weight"], "He normal, fan_out", |_| of(he_by_outputs(1.0))),
            ],
        ],
    },
    Recipe {
        name: "skipinit",
        summary: "He normal; the scalar at the end of each residual branch 0",
        source: "De and Smith, \"Batch normalization biases residual blocks towards the identity function\" 2020, section 4",
        parameters: &[],
        rules: &[
            &[SCALARS],
            NORMS_AND_BIASES,
            &[rule(&["*.weight"], "He normal, fan_in", |_| {
                of(Initializer::kaiming_normal(Mode::FanIn, Nonlinearity::Relu))
            })],
        ],
    },
    Recipe {
        name: "rezero",
        summary: "Xavier uniform; the scalar of each residual branch 0",
        source: "Bachlechner et al., \"ReZero is all you need\" 2020, section 3",
        parameters: &[],
        rules: &[
            &[SCALARS],
            NORMS_AND_BIASES,
            &[
                rule(EMBEDDINGS, "normal, d^(-1/2)", embedding),
                rule(&["*.weight", "*in_proj_weight"], "Xavier uniform", |_| of(Initializer::xavier_uniform(1.0))),
            ],
        ],
    },
];

/// What multiplies a residual branch.
const SCALARS: Rule =
    rule(&["*resweight*", "*.alpha", "*alpha_*", "*skip_gain*", "*skipinit*", "*rezero*", "*res_scale*"], "0", |_| {
        law(Law::Constant(0.0))
    });

fn embedding(case: &Case<'_>) -> Result<Choice> {
    normal(1.0 / f64::sqrt(case.shape.last().copied().unwrap_or(1) as f64))
}

/// DeepNorm's β: (8 N)^(-1/4) of N layers; of an encoder of N and a decoder of M layers 0.87 (N⁴ M)^(-1/16) and
/// (12 M)^(-1/4).
fn beta(case: &Case<'_>) -> Result<f64> {
    let facts = &case.model.facts;
    let (encoder, decoder) = (facts.encoder_layers as f64, facts.decoder_layers as f64);
    Ok(if encoder == 0.0 || decoder == 0.0 {
        real::pow(8.0 * case.layers()?, -0.25)
    } else if case.name.contains("encoder") {
        0.87 * real::pow(real::pow(encoder, 4.0) * decoder, -1.0 / 16.0)
    } else {
        real::pow(12.0 * decoder, -0.25)
    })
}

/// T-Fixup's scale: 0.67 N^(-1/4) in the encoder, (9 N)^(-1/4) in the decoder and for embeddings.
fn t_fixup(case: &Case<'_>, in_encoder: bool) -> Result<f64> {
    let facts = &case.model.facts;
    let layers = match if in_encoder { facts.encoder_layers } else { facts.decoder_layers } {
        0 => case.layers()?,
        layers => layers as f64,
    };
    Ok(if in_encoder { 0.67 * real::pow(layers, -0.25) } else { real::pow(9.0 * layers, -0.25) })
}

/// N(0, factor · √(2/fan_out)).
fn he_by_outputs(factor: f64) -> Initializer {
    Initializer::gain_scaling(f64::sqrt(2.0) * factor, Mode::FanOut, crate::init::Distribution::Normal)
}

/// A convolution of a residual branch of m convolutions, or of none.
fn fixup(case: &Case<'_>) -> Result<Choice> {
    let Some(block) = layer(case.name) else { return of(he_by_outputs(1.0)) };
    let convolutions = case.model.convolutions(block);
    if convolutions < 2 {
        return of(he_by_outputs(1.0));
    }
    if case.name == format!("{block}.conv{convolutions}.weight") {
        return law(Law::Constant(0.0));
    }
    of(he_by_outputs(real::pow(case.layers()?, -1.0 / (2.0 * convolutions as f64 - 2.0))))
}
