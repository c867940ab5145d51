//! Roles: what a tensor does in a model, by what the libraries call it.
//!
//! One table of naming schemes (transformers, Megatron-LM, GPT-NeoX, OLMo, minGPT, timm, PyTorch, Llama), which all
//! methods share. Names of none of them are given as a parameter: `attention_output=*.attn.proj.weight`.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{RecipeError, Result};
use crate::recipe::glob::Glob;
use crate::recipe::model::{Model, block};

/// A role, with the globs of its tensors.
struct Role {
    name: &'static str,
    patterns: &'static str,
}

/// What makes outputs of the residual stream.
pub(super) const HEAD: &str = "head";
/// Tokens and positions.
pub(super) const EMBEDDING: &str = "embedding";
/// The layer that takes the inputs.
pub(super) const FIRST_LAYER: &str = "first_layer";
const QUERY: &str = "query";
const VALUE: &str = "value";
/// Query, key and value in one.
const FUSED: &str = "query_key_value";
/// What attention adds to the residual stream.
pub(super) const ATTENTION_OUTPUT: &str = "attention_output";
const MLP_INPUT: &str = "mlp_input";
/// What the feed-forward network adds to it.
pub(super) const MLP_OUTPUT: &str = "mlp_output";
/// Both of what is added.
const RESIDUAL: &str = "residual";
/// What a state space layer adds to it.
pub(super) const MIXER_OUTPUT: &str = "mixer_output";
/// What multiplies a residual branch.
pub(super) const BRANCH_SCALE: &str = "branch_scale";
/// A residual branch's matrices, and the last of them.
const BRANCH: &str = "branch";
pub(super) const BRANCH_END: &str = "branch_end";

/// Every role. A tensor has the first that matches.
const ROLES: &[Role] = &[
    Role {
        name: HEAD,
        patterns: "lm_head.weight *.lm_head.weight embed_out.weight *.embed_out.weight output.weight *output_layer.weight \
            *readout.weight cls.predictions.decoder.weight *.decoder.weight decoder.weight proj_out.weight head.weight \
            *.head.weight score.weight classifier.weight fc.weight",
    },
    Role {
        name: EMBEDDING,
        patterns: "*wte.weight *wpe.weight *embed*.weight *shared.weight *embedding *embeddings *pos_embed",
    },
    Role {
        name: QUERY,
        patterns: "*q_proj.weight *.query.weight *.q.weight *linear_q.weight *to_q.weight *q_proj_weight *wq.weight \
            *q_lin.weight",
    },
    Role {
        name: "key",
        patterns: "*k_proj.weight *.key.weight *.k.weight *linear_k.weight *to_k.weight *k_proj_weight *wk.weight \
            *k_lin.weight",
    },
    Role {
        name: VALUE,
        patterns: "*v_proj.weight *.value.weight *.v.weight *linear_v.weight *to_v.weight *v_proj_weight *wv.weight \
            *v_lin.weight",
    },
    Role {
        name: FUSED,
        patterns: "*in_proj_weight *qkv*.weight *c_attn.weight *query_key_value.weight *att_proj.weight",
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
        name: MLP_INPUT,
        patterns: "*fc1.weight *linear1.weight *.wi*.weight *gate_proj.weight *up_proj.weight *intermediate.dense.weight \
            *c_fc.weight *dense_h_to_4h.weight *linear_fc1.weight *feed_forward.w{1,3}.weight *ffn.w{1,3}.weight \
            *experts.*.w{1,3}.weight *experts.gate_up_proj *mlp.Wi.weight *ff_proj.weight *mlp.fc_in.weight \
            *ffn.lin1.weight *ff.net.0.proj.weight *mlp.0.weight",
    },
    Role {
        name: MLP_OUTPUT,
        patterns: "*mlp.c_proj.weight *down_proj.weight *mlp.experts.down_proj *fc2.weight *dense_4h_to_h.weight \
            *linear_fc2.weight *output.dense.weight *feed_forward.w2.weight *ffn.w2.weight *experts.*.w2.weight \
            *linear2.weight *DenseReluDense.wo.weight *mlp.Wo.weight *ff_out.weight *mlp.fc_out.weight \
            *ffn.lin2.weight *ff.net.2.weight *mlp.3.weight",
    },
    Role { name: MIXER_OUTPUT, patterns: "*.out_proj.weight" },
    Role { name: BRANCH_SCALE, patterns: "*resweight* *.alpha *alpha_* *skip_gain* *skipinit* *rezero* *res_scale*" },
    // Found by the numbers of convolutions alone.
    Role { name: BRANCH, patterns: "" },
    Role { name: BRANCH_END, patterns: "" },
    Role {
        name: FIRST_LAYER,
        patterns: "*first*.weight *input_layer*.weight *layer_in.weight *fc_in.weight *linear_in.weight",
    },
];

const OUTPUTS: [&str; 2] = [ATTENTION_OUTPUT, MLP_OUTPUT];
/// What each block with an output has, if the method scales it.
pub(super) const SCALED_PARTS: &[&str] = &[ATTENTION_OUTPUT, MLP_OUTPUT, VALUE, MLP_INPUT];
/// What each block of a method that scales outputs has.
pub(super) const SCALED_OUTPUTS: &[&str] = &OUTPUTS;

/// Whether a parameter names a role.
pub(super) fn is_role(name: &str) -> bool {
    name == RESIDUAL || ROLES.iter().any(|role| role.name == name)
}

/// The globs of the role called `name`, or those that are `given` in their place.
pub(super) fn globs(name: &str, model: &Model, given: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    let split = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    if let Some(text) = given(name).filter(|_| is_role(name)) {
        return Some(split(&text));
    }
    let of = |role: &Role| given(role.name).map_or_else(|| split(role.patterns), |text| split(&text));
    let role = |name: &str| ROLES.iter().find(|role| role.name == name);
    match (name, model.first_layer()) {
        (RESIDUAL, _) => Some(OUTPUTS.into_iter().filter_map(role).flat_map(of).collect()),
        // Names tell it, or else the order of layers.
        (FIRST_LAYER, Some(first)) => role(name).map(of).map(|table| match matches_any(&table, model) {
            true => table,
            false => vec![Glob::escape(first)],
        }),
        _ => role(name).map(of),
    }
}

fn matches_any(globs: &[String], model: &Model) -> bool {
    let globs: Vec<_> = globs.iter().filter_map(|text| Glob::new(text).ok()).collect();
    model.tensors().any(|(name, _)| globs.iter().any(|glob| glob.matches(name)))
}

/// The roles of a model's tensors.
struct Roles<'a> {
    model: &'a Model,
    globs: Vec<(&'static str, Vec<Glob>)>,
}

impl<'a> Roles<'a> {
    fn new(model: &'a Model, given: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let compiled = |role: &'static str| -> Result<_> {
            let globs = globs(role, model, &given).unwrap_or_default();
            Ok((role, globs.iter().map(|text| Glob::new(text)).collect::<Result<Vec<_>>>()?))
        };
        // What is given decides, before what the table says of others. Of these, two are found otherwise.
        let all = [RESIDUAL].into_iter().chain(ROLES.iter().map(|role| role.name));
        let (first, mut then): (Vec<_>, Vec<_>) = all.partition(|role| given(role).is_some());
        then.retain(|role| ![RESIDUAL, FIRST_LAYER].contains(role));
        Ok(Self { model, globs: first.into_iter().chain(then).map(compiled).collect::<Result<_>>()? })
    }

    fn of(&self, name: &str) -> Option<&'static str> {
        let mut roles = self.globs.iter();
        roles.find(|(_, globs)| globs.iter().any(|glob| glob.matches(name))).map(|(role, _)| *role)
    }

    /// Tensors of which nothing says what they do, of those that `are_meant` to `role`; and whether others of them are
    /// decided elsewhere.
    fn candidates(&self, role: &str, are_meant: impl Fn(&str) -> bool) -> (Vec<String>, bool) {
        // A branch is multiplied by a number, or one for each channel.
        let is_one = |shape: &[u64]| (shape.len() < 2) == (role == BRANCH_SCALE);
        let like_it = self.model.tensors().filter(|(name, shape)| is_one(shape) && are_meant(name));
        let unknown = like_it.filter(|(name, _)| role == FIRST_LAYER || self.of(name).is_none());
        let (decided, open): (Vec<_>, Vec<_>) = unknown.partition(|(name, _)| self.model.is_decided(name));
        (open.into_iter().map(|(name, _)| name.to_owned()).collect(), !decided.is_empty())
    }
}

/// Refuses a model in which no tensor has a role that a method scales, unless what could have it is decided elsewhere.
pub(super) fn check_role(
    recipe: &'static str,
    role: &'static str,
    model: &Model,
    given: impl Fn(&str) -> Option<String>,
) -> Result<()> {
    let is_numbered = role == BRANCH_END && model.has_branches();
    if is_numbered || matches_any(&globs(role, model, &given).unwrap_or_default(), model) {
        return Ok(());
    }
    let is_outside = [HEAD, EMBEDDING].contains(&role);
    let roles = Roles::new(model, given)?;
    let (candidates, is_decided) = roles.candidates(role, |name| !is_outside || block(name).is_none());
    let is_settled = candidates.is_empty() && is_decided;
    if is_settled { Ok(()) } else { Err(RecipeError::UnknownRole { recipe, role, candidates }.into()) }
}

/// Refuses a model of whose blocks some have only a part of the roles that a method scales, or of which none has any:
/// it would leave the others as they are, and nobody would see it.
pub(super) fn check_blocks(
    recipe: &'static str,
    scaled: &[&'static str],
    model: &Model,
    given: impl Fn(&str) -> Option<String>,
) -> Result<()> {
    if given(RESIDUAL).is_some() {
        return check_role(recipe, RESIDUAL, model, given);
    }
    let roles = Roles::new(model, given)?;
    let mut blocks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, block) in model.tensors().filter_map(|(name, _)| Some((name, block(name)?))) {
        // One that is fused has a value in it.
        let role = roles.of(name).map(|role| if role == FUSED { VALUE } else { role });
        blocks.entry(block).or_default().extend(role);
    }
    let has_output = |roles: &BTreeSet<&str>| OUTPUTS.iter().any(|output| roles.contains(output));
    if !blocks.values().any(has_output) {
        // Of one block: the others are alike.
        let first = blocks.keys().next().copied();
        let (candidates, is_decided) = roles.candidates(RESIDUAL, |name| block(name) == first);
        let is_settled = candidates.is_empty() && is_decided;
        return if is_settled {
            Ok(())
        } else {
            Err(RecipeError::UnknownRole { recipe, role: RESIDUAL, candidates }.into())
        };
    }
    for role in scaled {
        for (at, _) in blocks.iter().filter(|(_, roles)| has_output(roles) && !roles.contains(role)) {
            let (candidates, is_decided) = roles.candidates(role, |name| block(name) == Some(at));
            let is_settled = candidates.is_empty() && (is_decided || !OUTPUTS.contains(role));
            if !is_settled {
                return Err(RecipeError::UnknownRole { recipe, role, candidates }.into());
            }
        }
    }
    Ok(())
}
