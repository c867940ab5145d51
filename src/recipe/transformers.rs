//! Transformers.

use crate::error::Result;
use crate::init::Matrix;
use crate::init::{Parameter, parameter};
use crate::law::Law;
use crate::recipe::recipe::{Case, Choice, Recipe, Rule, law, normal, of, rule};
use crate::recipe::rules::{EMBEDDINGS, NORMS_AND_BIASES, RESIDUAL};

const STD: Parameter = parameter("std", "0.02");
const LAYERS: Parameter = parameter("layers", "");
const WIDTH: Parameter = parameter("width", "");
const PADDING: Parameter = parameter("padding_idx", "");

/// Heads that hold the embedding's own values.
const TIED: &[&str] = &["lm_head.weight", "*.lm_head.weight", "cls.predictions.decoder.weight", "*.decoder.weight"];

/// Every matrix that no rule before has met.
const MATRICES: &[&str] = &["*.weight", "weight", "*.kernel", "*_token", "*embedding*", "*embed"];

/// The embedding's choice with the embedding's stream, if it has this shape.
fn tied(case: &Case<'_>, choice: Choice) -> Result<Choice> {
    let embedding = case.model.tokens().filter(|(_, shape)| *shape == case.shape);
    Ok(Choice { tied_to: embedding.map(|(name, _)| name.to_owned()), ..choice })
}

/// With zeros in the row of padding, where it is given.
fn padded(case: &Case<'_>, choice: Choice) -> Result<Choice> {
    match case.given.optional("padding_idx")? {
        None => Ok(choice),
        Some(_) => {
            of(Matrix::Padded { row: case.given.whole("padding_idx")?, of: Box::new(choice.initializer) }.into())
        }
    }
}

/// √(2/(5 d)).
fn small(case: &Case<'_>) -> Result<f64> {
    Ok(f64::sqrt(2.0 / (5.0 * case.width()?)))
}

/// 2/(L √d).
fn wang(case: &Case<'_>) -> Result<f64> {
    Ok(2.0 / case.layers()? / f64::sqrt(case.width()?))
}

fn truncated(std: f64, bound: f64) -> Result<Choice> {
    law(Law::truncated_normal(0.0, std, -bound, bound)?)
}

const SCALED_OUTPUTS: Rule =
    rule(RESIDUAL, "normal, std / sqrt(2 L)", |case| normal(case.number("std")? / f64::sqrt(2.0 * case.layers()?)));
const NORMAL: Rule = rule(MATRICES, "normal, std", |case| normal(case.number("std")?));
const SMALL: Rule = rule(MATRICES, "normal, sqrt(2 / (5 d))", |case| normal(small(case)?));
const TOKENS: &[&str] = &["*wte.weight", "*embed_tokens.weight", "*word_embeddings.weight", "*tok_embeddings.weight"];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "gpt2",
        summary: "normal; outputs into the residual stream divided by sqrt(2 L); the head is the embedding",
        source: "Radford et al. 2019, section 2.3; transformers modeling_gpt2.py, _init_weights",
        parameters: &[STD, LAYERS],
        rules: &[
            NORMS_AND_BIASES,
            &[
                SCALED_OUTPUTS,
                rule(TIED, "normal, std, the embedding's own", |case| tied(case, normal(case.number("std")?)?)),
                NORMAL,
            ],
        ],
    },
    Recipe {
        name: "megatron",
        summary: "normal; outputs into the residual stream divided by sqrt(2 L)",
        source: "Shoeybi et al. 2019, section 5.1; Megatron-LM scaled_init_method_normal",
        parameters: &[STD, LAYERS],
        rules: &[NORMS_AND_BIASES, &[SCALED_OUTPUTS, NORMAL]],
    },
    Recipe {
        name: "transformers",
        summary: "normal everywhere: the default of transformers' models (initializer_range)",
        source: "transformers modeling_utils.py, _init_weights; modeling_llama.py",
        parameters: &[STD, PADDING],
        rules: &[
            NORMS_AND_BIASES,
            &[rule(TOKENS, "normal, std, padding row 0", |case| padded(case, normal(case.number("std")?)?)), NORMAL],
        ],
    },
    Recipe {
        name: "llama",
        summary: "normal of sqrt(2 / (5 d)); outputs into the residual stream 1 / (L sqrt(d))",
        source: "Nguyen and Salazar 2019, section 2.2; TinyLlama lit_gpt/model.py, _init_weights",
        parameters: &[LAYERS, WIDTH],
        rules: &[
            NORMS_AND_BIASES,
            &[
                rule(RESIDUAL, "normal, 1 / (L sqrt(d))", |case| {
                    normal(1.0 / f64::sqrt(case.width()?) / case.layers()?)
                }),
                SMALL,
            ],
        ],
    },
    Recipe {
        name: "small_init",
        summary: "normal of sqrt(2 / (5 d)) everywhere",
        source: "Nguyen and Salazar, \"Transformers without tears\" 2019, section 2.2",
        parameters: &[WIDTH],
        rules: &[NORMS_AND_BIASES, &[SMALL]],
    },
    Recipe {
        name: "wang_init",
        summary: "normal of 2 / (L sqrt(d)) everywhere",
        source: "Wang and Komatsuzaki 2021, Mesh Transformer JAX; GPT-NeoX init_functions.py, wang_init_method",
        parameters: &[LAYERS, WIDTH],
        rules: &[NORMS_AND_BIASES, &[rule(MATRICES, "normal, 2 / (L sqrt(d))", |case| normal(wang(case)?))]],
    },
    Recipe {
        name: "gpt_neox",
        summary: "small_init, and wang_init for outputs into the residual stream",
        source: "Black et al., \"GPT-NeoX-20B\" 2022, section 2.1",
        parameters: &[LAYERS, WIDTH],
        rules: &[NORMS_AND_BIASES, &[rule(RESIDUAL, "normal, 2 / (L sqrt(d))", |case| normal(wang(case)?)), SMALL]],
    },
    Recipe {
        name: "t5",
        summary: "normal by the inputs of each matrix, queries without the scale of attention",
        source: "Raffel et al. 2020; transformers modeling_t5.py, _init_weights",
        parameters: &[parameter("factor", "1"), WIDTH, parameter("heads", "")],
        rules: &[
            &[
                rule(&["*layer_norm.weight"], "factor", |case| law(Law::Constant(case.number("factor")?))),
                rule(&["*.q.weight"], "normal, factor / sqrt(d d_kv)", t5_query),
                rule(&["*.relative_attention_bias.weight"], "normal, factor / sqrt(d)", |case| {
                    normal(case.number("factor")? / f64::sqrt(case.width()?))
                }),
                rule(
                    &["*.k.weight", "*.v.weight", "*.o.weight", "*.wi*.weight", "*.wo.weight"],
                    "normal, factor / sqrt(fan_in)",
                    |case| normal(case.number("factor")? / f64::sqrt(case.fan_in()?)),
                ),
                rule(&["*embed_tokens.weight", "lm_head.weight"], "normal, factor, the embedding's own", |case| {
                    tied(case, normal(case.number("factor")?)?)
                }),
                rule(&["*shared.weight"], "normal, factor", |case| normal(case.number("factor")?)),
            ],
            NORMS_AND_BIASES,
        ],
    },
    Recipe {
        name: "vit",
        summary: "normal truncated at the absolute bounds +-cut",
        source: "Dosovitskiy et al. 2021; transformers modeling_vit.py, _init_weights; timm trunc_normal_",
        parameters: &[STD, parameter("cut", "2")],
        rules: &[
            &[rule(&["*mask_token"], "0", |_| law(Law::Constant(0.0)))],
            NORMS_AND_BIASES,
            &[rule(&["*.weight", "weight", "*_token", "*embed*"], "normal, std, truncated at +-cut", |case| {
                truncated(case.number("std")?, case.number("cut")?)
            })],
        ],
    },
    Recipe {
        name: "bert",
        summary: "normal truncated at 2 std",
        source: "Devlin et al. 2019; google-research/bert modeling.py, create_initializer",
        parameters: &[STD, PADDING],
        rules: &[
            NORMS_AND_BIASES,
            &[
                rule(TIED, "normal truncated at 2 std, the embedding's own", |case| {
                    let std = case.number("std")?;
                    tied(case, padded(case, truncated(std, 2.0 * std)?)?)
                }),
                rule(TOKENS, "normal truncated at 2 std, padding row 0", |case| {
                    let std = case.number("std")?;
                    padded(case, truncated(std, 2.0 * std)?)
                }),
                rule(MATRICES, "normal truncated at 2 std", |case| {
                    let std = case.number("std")?;
                    truncated(std, 2.0 * std)
                }),
            ],
        ],
    },
    Recipe {
        name: "mup",
        summary: "maximal update parametrization: m = d / base_width divides variances of hidden matrices",
        source: "Yang et al., \"Tensor programs V\" 2022, table 3",
        parameters: &[STD, parameter("base_width", "256"), WIDTH],
        rules: &[
            NORMS_AND_BIASES,
            &[
                rule(TIED, "normal, std / m", |case| {
                    normal(case.number("std")? * case.number("base_width")? / case.width()?)
                }),
                rule(EMBEDDINGS, "normal, std", |case| normal(case.number("std")?)),
                rule(MATRICES, "normal, std / sqrt(m)", |case| {
                    normal(case.number("std")? * f64::sqrt(case.number("base_width")? / case.width()?))
                }),
            ],
        ],
    },
];

/// Queries of T5: d_kv is the inner dimension over the number of heads, which the relative attention bias has.
fn t5_query(case: &Case<'_>) -> Result<Choice> {
    let heads = case.fact("heads", case.model.facts.heads)?;
    let key = case.shape.first().copied().unwrap_or(1) as f64 / heads;
    normal(case.number("factor")? / f64::sqrt(case.width()? * key))
}
