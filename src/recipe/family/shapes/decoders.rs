//! Decoders: Llama and its kin, GPT-2, GPT-NeoX and OPT.

use crate::recipe::tensors::{Tensors, in_each, tensors};

/// Sizes that may be left to others.
pub(in crate::recipe::family) const SIZES: &[(&str, &str)] = &[
    ("head", "else(head_dim, hidden_size / num_attention_heads)"),
    ("queries", "num_attention_heads * head"),
    ("keys", "else(num_key_value_heads, num_attention_heads) * head"),
];

const LAYERS: &[&str] = &["num_hidden_layers"];

/// Embedding and last norm.
pub(in crate::recipe::family) const TRUNK: &[Tensors] =
    &[tensors("model.embed_tokens.weight", "vocab_size, hidden_size"), tensors("model.norm.weight", "hidden_size")];
/// Embedding, last norm and head.
pub(in crate::recipe::family) const ENDS: &[Tensors] =
    &[TRUNK[0], TRUNK[1], tensors("lm_head.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)")];
/// Norms before attention and before the feed-forward network.
pub(in crate::recipe::family) const NORMS: &[Tensors] = &[in_each(
    LAYERS,
    "model.layers.{}.input_layernorm.weight model.layers.{}.post_attention_layernorm.weight",
    "hidden_size",
)];
pub(in crate::recipe::family) const ATTENTION: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.self_attn.q_proj.weight", "queries, hidden_size"),
    in_each(
        LAYERS,
        "model.layers.{}.self_attn.k_proj.weight model.layers.{}.self_attn.v_proj.weight",
        "keys, hidden_size",
    ),
    in_each(LAYERS, "model.layers.{}.self_attn.o_proj.weight", "hidden_size, queries"),
];
/// Biases where the configuration asks for them.
pub(in crate::recipe::family) const ATTENTION_BIASES: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.self_attn.q_proj.bias", "queries").when("else(attention_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.self_attn.k_proj.bias model.layers.{}.self_attn.v_proj.bias", "keys")
        .when("else(attention_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.self_attn.o_proj.bias", "hidden_size").when("else(attention_bias, 0)"),
];
/// Qwen2 has them always, and none in the output.
pub(in crate::recipe::family) const QUERY_BIASES: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.self_attn.q_proj.bias", "queries"),
    in_each(LAYERS, "model.layers.{}.self_attn.k_proj.bias model.layers.{}.self_attn.v_proj.bias", "keys"),
];
pub(in crate::recipe::family) const HEAD_NORMS: &[Tensors] =
    &[in_each(LAYERS, "model.layers.{}.self_attn.q_norm.weight model.layers.{}.self_attn.k_norm.weight", "head")];
pub(in crate::recipe::family) const MLP: &[Tensors] = &[
    in_each(
        LAYERS,
        "model.layers.{}.mlp.gate_proj.weight model.layers.{}.mlp.up_proj.weight",
        "intermediate_size, hidden_size",
    )
    .when("is_dense"),
    in_each(LAYERS, "model.layers.{}.mlp.down_proj.weight", "hidden_size, intermediate_size").when("is_dense"),
    in_each(LAYERS, "model.layers.{}.mlp.gate_proj.bias model.layers.{}.mlp.up_proj.bias", "intermediate_size")
        .when("else(mlp_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.mlp.down_proj.bias", "hidden_size").when("else(mlp_bias, 0)"),
];
/// Experts of the layers that have them, a tensor for each matrix.
pub(in crate::recipe::family) const EXPERTS: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.mlp.gate.weight", "experts, hidden_size").when("not(is_dense)"),
    in_each(
        &["num_hidden_layers", "experts"],
        "model.layers.{}.mlp.experts.{}.gate_proj.weight model.layers.{}.mlp.experts.{}.up_proj.weight",
        "moe_intermediate_size, hidden_size",
    )
    .when("not(is_dense)"),
    in_each(
        &["num_hidden_layers", "experts"],
        "model.layers.{}.mlp.experts.{}.down_proj.weight",
        "hidden_size, moe_intermediate_size",
    )
    .when("not(is_dense)"),
];
pub(in crate::recipe::family) const MIXTRAL: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.block_sparse_moe.gate.weight", "num_local_experts, hidden_size"),
    in_each(
        &["num_hidden_layers", "num_local_experts"],
        "model.layers.{}.block_sparse_moe.experts.{}.w1.weight model.layers.{}.block_sparse_moe.experts.{}.w3.weight",
        "intermediate_size, hidden_size",
    ),
    in_each(
        &["num_hidden_layers", "num_local_experts"],
        "model.layers.{}.block_sparse_moe.experts.{}.w2.weight",
        "hidden_size, intermediate_size",
    ),
];
/// Latent attention, and experts that all tokens go to.
pub(in crate::recipe::family) const DEEPSEEK: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.self_attn.q_proj.weight", "heads_of_queries, hidden_size")
        .when("not(has(q_lora_rank))"),
    in_each(LAYERS, "model.layers.{}.self_attn.q_a_proj.weight", "q_lora_rank, hidden_size").when("has(q_lora_rank)"),
    in_each(LAYERS, "model.layers.{}.self_attn.q_a_layernorm.weight", "q_lora_rank").when("has(q_lora_rank)"),
    in_each(LAYERS, "model.layers.{}.self_attn.q_b_proj.weight", "heads_of_queries, q_lora_rank")
        .when("has(q_lora_rank)"),
    in_each(
        LAYERS,
        "model.layers.{}.self_attn.kv_a_proj_with_mqa.weight",
        "kv_lora_rank + qk_rope_head_dim, hidden_size",
    ),
    in_each(LAYERS, "model.layers.{}.self_attn.q_a_proj.bias", "q_lora_rank")
        .when("has(q_lora_rank) and else(attention_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.self_attn.kv_a_proj_with_mqa.bias", "kv_lora_rank + qk_rope_head_dim")
        .when("else(attention_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.self_attn.o_proj.bias", "hidden_size").when("else(attention_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.self_attn.kv_a_layernorm.weight", "kv_lora_rank"),
    in_each(
        LAYERS,
        "model.layers.{}.self_attn.kv_b_proj.weight",
        "num_attention_heads * (qk_nope_head_dim + v_head_dim), kv_lora_rank",
    ),
    in_each(LAYERS, "model.layers.{}.self_attn.o_proj.weight", "hidden_size, num_attention_heads * v_head_dim"),
    in_each(LAYERS, "model.layers.{}.mlp.gate.e_score_correction_bias", "experts").when("not(is_dense)"),
    in_each(
        LAYERS,
        "model.layers.{}.mlp.shared_experts.gate_proj.weight model.layers.{}.mlp.shared_experts.up_proj.weight",
        "moe_intermediate_size * n_shared_experts, hidden_size",
    )
    .when("not(is_dense)"),
    in_each(
        LAYERS,
        "model.layers.{}.mlp.shared_experts.down_proj.weight",
        "hidden_size, moe_intermediate_size * n_shared_experts",
    )
    .when("not(is_dense)"),
];
pub(in crate::recipe::family) const GPT_OSS: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.self_attn.sinks", "num_attention_heads"),
    in_each(LAYERS, "model.layers.{}.mlp.router.weight", "num_local_experts, hidden_size"),
    in_each(LAYERS, "model.layers.{}.mlp.router.bias", "num_local_experts"),
    in_each(
        LAYERS,
        "model.layers.{}.mlp.experts.gate_up_proj",
        "num_local_experts, hidden_size, 2 * intermediate_size",
    ),
    in_each(LAYERS, "model.layers.{}.mlp.experts.gate_up_proj_bias", "num_local_experts, 2 * intermediate_size"),
    in_each(LAYERS, "model.layers.{}.mlp.experts.down_proj", "num_local_experts, intermediate_size, hidden_size"),
    in_each(LAYERS, "model.layers.{}.mlp.experts.down_proj_bias", "num_local_experts, hidden_size"),
];
/// Gemma's norms around the feed-forward network.
pub(in crate::recipe::family) const MORE_NORMS: &[Tensors] = &[in_each(
    LAYERS,
    "model.layers.{}.pre_feedforward_layernorm.weight model.layers.{}.post_feedforward_layernorm.weight",
    "hidden_size",
)];
/// Query, key and value in one, and both inputs of the feed-forward network.
pub(in crate::recipe::family) const PHI3: &[Tensors] = &[
    in_each(LAYERS, "model.layers.{}.self_attn.qkv_proj.weight", "queries + 2 * keys, hidden_size"),
    in_each(LAYERS, "model.layers.{}.self_attn.o_proj.weight", "hidden_size, queries"),
    in_each(LAYERS, "model.layers.{}.mlp.gate_up_proj.weight", "2 * intermediate_size, hidden_size"),
    in_each(LAYERS, "model.layers.{}.mlp.down_proj.weight", "hidden_size, intermediate_size"),
];
const GPT2_LAYERS: &[&str] = &["n_layer"];
const GPT2_CROSS: &str = "else(add_cross_attention, 0)";
pub(in crate::recipe::family) const GPT2: &[Tensors] = &[
    tensors("transformer.wte.weight", "vocab_size, n_embd"),
    tensors("transformer.wpe.weight", "n_positions, n_embd"),
    tensors("transformer.ln_f.weight transformer.ln_f.bias", "n_embd"),
    tensors("lm_head.weight", "vocab_size, n_embd").when("not(tie_word_embeddings)"),
    in_each(
        GPT2_LAYERS,
        "transformer.h.{}.ln_1.weight transformer.h.{}.ln_1.bias transformer.h.{}.ln_2.weight \
         transformer.h.{}.ln_2.bias transformer.h.{}.attn.c_proj.bias transformer.h.{}.mlp.c_proj.bias",
        "n_embd",
    ),
    in_each(GPT2_LAYERS, "transformer.h.{}.attn.c_attn.weight", "n_embd, 3 * n_embd"),
    in_each(GPT2_LAYERS, "transformer.h.{}.attn.c_attn.bias", "3 * n_embd"),
    in_each(GPT2_LAYERS, "transformer.h.{}.attn.c_proj.weight", "n_embd, n_embd"),
    in_each(GPT2_LAYERS, "transformer.h.{}.mlp.c_fc.weight", "n_embd, else(n_inner, 4 * n_embd)"),
    in_each(GPT2_LAYERS, "transformer.h.{}.mlp.c_fc.bias", "else(n_inner, 4 * n_embd)"),
    in_each(GPT2_LAYERS, "transformer.h.{}.mlp.c_proj.weight", "else(n_inner, 4 * n_embd), n_embd"),
    in_each(
        GPT2_LAYERS,
        "transformer.h.{}.ln_cross_attn.weight transformer.h.{}.ln_cross_attn.bias \
         transformer.h.{}.crossattention.q_attn.bias transformer.h.{}.crossattention.c_proj.bias",
        "n_embd",
    )
    .when(GPT2_CROSS),
    in_each(
        GPT2_LAYERS,
        "transformer.h.{}.crossattention.q_attn.weight transformer.h.{}.crossattention.c_proj.weight",
        "n_embd, n_embd",
    )
    .when(GPT2_CROSS),
    in_each(GPT2_LAYERS, "transformer.h.{}.crossattention.c_attn.weight", "n_embd, 2 * n_embd").when(GPT2_CROSS),
    in_each(GPT2_LAYERS, "transformer.h.{}.crossattention.c_attn.bias", "2 * n_embd").when(GPT2_CROSS),
];

pub(in crate::recipe::family) const GPT_NEOX: &[Tensors] = &[
    tensors("gpt_neox.embed_in.weight", "vocab_size, hidden_size"),
    tensors("gpt_neox.final_layer_norm.weight gpt_neox.final_layer_norm.bias", "hidden_size"),
    tensors("embed_out.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)"),
    in_each(
        LAYERS,
        "gpt_neox.layers.{}.input_layernorm.weight gpt_neox.layers.{}.input_layernorm.bias \
         gpt_neox.layers.{}.post_attention_layernorm.weight gpt_neox.layers.{}.post_attention_layernorm.bias \
         gpt_neox.layers.{}.mlp.dense_4h_to_h.bias",
        "hidden_size",
    ),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.query_key_value.weight", "3 * hidden_size, hidden_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.query_key_value.bias", "3 * hidden_size").when("has_biases"),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.dense.weight", "hidden_size, hidden_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.dense.bias", "hidden_size").when("has_biases"),
    in_each(LAYERS, "gpt_neox.layers.{}.mlp.dense_h_to_4h.weight", "intermediate_size, hidden_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.mlp.dense_h_to_4h.bias", "intermediate_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.mlp.dense_4h_to_h.weight", "hidden_size, intermediate_size"),
];

pub(in crate::recipe::family) const OPT: &[Tensors] = &[
    tensors("model.decoder.embed_tokens.weight", "vocab_size, word_embed_proj_dim"),
    // Two rows more, for padding.
    tensors("model.decoder.embed_positions.weight", "max_position_embeddings + 2, hidden_size"),
    tensors("model.decoder.final_layer_norm.weight model.decoder.final_layer_norm.bias", "hidden_size").when(
        "do_layer_norm_before and not(else(_remove_final_layer_norm, 0)) and else(layer_norm_elementwise_affine, 1)",
    ),
    tensors("model.decoder.project_in.weight", "hidden_size, word_embed_proj_dim").when("is_projected"),
    tensors("model.decoder.project_out.weight", "word_embed_proj_dim, hidden_size").when("is_projected"),
    tensors("lm_head.weight", "vocab_size, word_embed_proj_dim").when("not(tie_word_embeddings)"),
    in_each(
        LAYERS,
        "model.decoder.layers.{}.self_attn.q_proj.weight model.decoder.layers.{}.self_attn.k_proj.weight \
         model.decoder.layers.{}.self_attn.v_proj.weight model.decoder.layers.{}.self_attn.out_proj.weight",
        "hidden_size, hidden_size",
    ),
    in_each(
        LAYERS,
        "model.decoder.layers.{}.self_attn.q_proj.bias model.decoder.layers.{}.self_attn.k_proj.bias \
         model.decoder.layers.{}.self_attn.v_proj.bias model.decoder.layers.{}.self_attn.out_proj.bias \
         model.decoder.layers.{}.fc2.bias",
        "hidden_size",
    )
    .when("else(enable_bias, 1)"),
    in_each(
        LAYERS,
        "model.decoder.layers.{}.self_attn_layer_norm.weight model.decoder.layers.{}.self_attn_layer_norm.bias \
         model.decoder.layers.{}.final_layer_norm.weight model.decoder.layers.{}.final_layer_norm.bias",
        "hidden_size",
    )
    .when("else(layer_norm_elementwise_affine, 1)"),
    in_each(LAYERS, "model.decoder.layers.{}.fc1.weight", "ffn_dim, hidden_size"),
    in_each(LAYERS, "model.decoder.layers.{}.fc1.bias", "ffn_dim").when("else(enable_bias, 1)"),
    in_each(LAYERS, "model.decoder.layers.{}.fc2.weight", "hidden_size, ffn_dim"),
];
