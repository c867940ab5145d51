//! Roles: what a tensor does in a block, by what the libraries call it.
//!
//! One table of naming schemes (transformers, Megatron-LM, GPT-NeoX, OLMo, minGPT, timm, PyTorch, Llama), which all
//! methods share. Names of none of them are given as a parameter: `attention_output=*.attn.proj.weight`.

use std::collections::BTreeSet;

use crate::error::{RecipeError, Result};
use crate::recipe::glob::Glob;
use crate::recipe::model::{Model, block};

/// A role, with the globs of its tensors.
struct Role {
    name: &'static str,
    patterns: &'static str,
}

/// What attention adds to the residual stream.
const ATTENTION_OUTPUT: &str = "attention_output";
/// What the feed-forward network adds to it.
const MLP_OUTPUT: &str = "mlp_output";

/// Every role. A tensor has the first that matches.
const ROLES: &[Role] = &[
    Role {
        name: HEAD,
        patterns: "lm_head.weight *.lm_head.weight embed_out.weight *.embed_out.weight output.weight *output_layer.weight \
            *readout.weight cls.predictions.decoder.weight *.decoder.weight decoder.weight proj_out.weight head.weight \
            *.head.weight score.weight classifier.weight",
    },
    Role {
        name: QUERY,
        patterns: "*q_proj.weight *.query.weight *.q.weight *linear_q.weight *to_q.weight *q_proj_weight",
    },
    Role {
        name: ATTENTION_OUTPUT,
        patterns: "*attn.c_proj.weight *attention.c_proj.weight *attn*.o_proj.weight *attn*.out_proj.weight \
            *attention*.out_proj.weight *attention.dense.weight *attention.output.dense.weight *attn.proj.weight \
            *attention.wo.weight *self_attention.linear_proj.weight *cross_attention.linear_proj.weight \
            *Attention.o.weight *attn.Wo.weight *attn_out.weight *attn.to_out.0.weight *attention.out_lin.weight \
            *attn.fc_out.weight",
    },
    Role {
        name: MLP_OUTPUT,
        patterns: "*mlp.c_proj.weight *down_proj.weight *mlp.experts.down_proj *fc2.weight *dense_4h_to_h.weight \
            *linear_fc2.weight *output.dense.weight *feed_forward.w2.weight *ffn.w2.weight *experts.*.w2.weight \
            *linear2.weight *DenseReluDense.wo.weight *mlp.Wo.weight *ff_out.weight *mlp.fc_out.weight *ffn.lin2.weight \
            *ff.net.2.weight *mlp.3.weight",
    },
];

const OUTPUTS: [&str; 2] = [ATTENTION_OUTPUT, MLP_OUTPUT];
/// What makes outputs of the residual stream.
pub(super) const HEAD: &str = "head";
const QUERY: &str = "query";
/// Both of them.
const RESIDUAL: &str = "residual";

/// Whether a parameter names a role.
pub(super) fn is_role(name: &str) -> bool {
    name == RESIDUAL || ROLES.iter().any(|role| role.name == name)
}

/// The globs of the role called `name`, or those that are `given` in their place.
pub(super) fn globs(name: &str, given: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    let split = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let of = |role: &Role| given(role.name).map_or_else(|| split(role.patterns), |text| split(&text));
    match name {
        RESIDUAL => Some(given(RESIDUAL).map_or_else(
            || ROLES.iter().filter(|role| OUTPUTS.contains(&role.name)).flat_map(of).collect(),
            |text| split(&text),
        )),
        _ => ROLES.iter().find(|role| role.name == name).map(of),
    }
}

/// Refuses a model in which no tensor has a role that a method scales.
pub(super) fn check_role(
    recipe: &'static str,
    role: &'static str,
    model: &Model,
    given: impl Fn(&str) -> Option<String>,
) -> Result<()> {
    let globs = globs(role, given).unwrap_or_default();
    let globs = globs.iter().map(|text| Glob::new(text)).collect::<Result<Vec<_>>>()?;
    let is_met = model.tensors().any(|(name, _)| globs.iter().any(|glob| glob.matches(name)));
    let outside = model.tensors().filter(|(name, shape)| shape.len() >= 2 && block(name).is_none());
    let candidates = || outside.map(|(name, _)| name.to_owned()).collect();
    if is_met { Ok(()) } else { Err(RecipeError::UnknownRole { recipe, role, candidates: candidates() }.into()) }
}

/// Refuses a model of whose blocks some have only one of two outputs, or of which none has any: a method that scales
/// outputs would leave the other as it is, and nobody would see it.
pub(super) fn check_outputs(recipe: &'static str, model: &Model, given: impl Fn(&str) -> Option<String>) -> Result<()> {
    let globs = |role: &str| -> Result<Vec<Glob>> {
        globs(role, &given).unwrap_or_default().iter().map(|text| Glob::new(text)).collect()
    };
    if given(RESIDUAL).is_some() {
        let outputs = globs(RESIDUAL)?;
        let is_met = model.tensors().any(|(name, _)| outputs.iter().any(|glob| glob.matches(name)));
        let role = RESIDUAL;
        return if is_met {
            Ok(())
        } else {
            Err(RecipeError::UnknownRole { recipe, role, candidates: Vec::new() }.into())
        };
    }
    let (attention, mlp) = (globs(ATTENTION_OUTPUT)?, globs(MLP_OUTPUT)?);
    let has = |globs: &[Glob], name: &str| globs.iter().any(|glob| glob.matches(name));
    let (mut of_attention, mut of_mlp) = (BTreeSet::new(), BTreeSet::new());
    for (name, block) in model.tensors().filter_map(|(name, _)| Some((name, block(name)?))) {
        if has(&attention, name) {
            of_attention.insert(block);
        } else if has(&mlp, name) {
            of_mlp.insert(block);
        }
    }
    if of_attention == of_mlp && !of_mlp.is_empty() {
        return Ok(());
    }
    let missing = if of_attention.is_empty() && of_mlp.is_empty() {
        RESIDUAL
    } else if of_attention.is_superset(&of_mlp) {
        MLP_OUTPUT
    } else {
        ATTENTION_OUTPUT
    };
    // Of one block: the others are alike.
    let known = |name: &str| has(&attention, name) || has(&mlp, name);
    let differing = of_attention.symmetric_difference(&of_mlp).next().copied();
    let first = differing.or_else(|| model.tensors().find_map(|(name, _)| block(name)));
    let candidates = model.tensors().filter(|(name, shape)| shape.len() >= 2 && block(name) == first && !known(name));
    let candidates: Vec<_> = candidates.map(|(name, _)| name.to_owned()).collect();
    Err(RecipeError::UnknownRole { recipe, role: missing, candidates }.into())
}
