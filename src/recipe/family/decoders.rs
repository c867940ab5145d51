//! Decoders: causal language models.

use crate::init::parameter;
use crate::recipe::family::base::{DEFAULTS, EXPERTS, FAMILY, HEAD, INIT_STD, PADDING, RANGE, STD, TIED, UNTIED, tied};
use crate::recipe::family::shapes::classes;
use crate::recipe::family::shapes::decoders::{
    self as shapes, ATTENTION, ATTENTION_BIASES, DEEPSEEK, ENDS, GPT_NEOX, GPT_OSS, GPT2, HEAD_NORMS, MIXTRAL, MLP,
    MORE_NORMS, NORMS, OPT, PHI3, QUERY_BIASES, SIZES,
};
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{matrices, rule, vectors};

/// Norms of x (1 + w).
const ZERO_NORMS: &[crate::recipe::Rule] = &[vectors("*norm.weight", "zeros")];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "gpt2",
        summary: "outputs into the residual stream divided by sqrt(2 L); the head is the embedding",
        source: "transformers models/gpt2/modeling_gpt2.py, _init_weights; Radford et al. 2019, section 2.3",
        model_types: &["gpt2", "gpt-sw3", "gpt_bigcode"],
        parameters: &[RANGE, TIED, parameter("n_layer", "")],
        definitions: &[SIZES, &[("is_dense", "1")], &[STD, ("n_layer", "layers")]],
        rules: &[
            &[
                tied("*lm_head.weight", "*wte.weight"),
                matrices("*.c_proj.weight", "normal(std=std / sqrt(2 * n_layer))"),
                // In older files.
                rule("*.attn.masked_bias", "constant(value=-10000)"),
            ],
            DEFAULTS,
        ],
        architecture: "GPT2LMHeadModel",
        classes: classes::GPT2,
        tensors: &[GPT2],
        ..FAMILY
    },
    Recipe {
        name: "gpt_neo",
        summary: "transformers' defaults; the head is the embedding",
        source: "transformers models/gpt_neo/modeling_gpt_neo.py, _init_weights",
        model_types: &["gpt_neo"],
        parameters: &[RANGE, TIED, parameter("window_size", "256")],
        rules: &[
            &[
                tied("*lm_head.weight", "*wte.weight"),
                rule("*.attn.attention.bias", "tril(width=window_size)")
                    .when("rank == 4 and field('attention_layers', layer) == 'local'"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "gptj",
        source: "transformers models/gptj/modeling_gptj.py, _init_weights",
        model_types: &["gptj"],
        parameters: &[RANGE, UNTIED],
        rules: &[&[tied("*lm_head.weight", "*wte.weight")], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "gpt_neox",
        source: "transformers models/gpt_neox/modeling_gpt_neox.py",
        model_types: &["gpt_neox"],
        parameters: &[RANGE, UNTIED],
        rules: &[&[tied("*embed_out.weight *lm_head.weight", "*embed_in.weight")], DEFAULTS],
        definitions: &[&[STD], &[("has_biases", "else(attention_bias, 1)")]],
        architecture: "GPTNeoXForCausalLM",
        classes: classes::GPT_NEOX,
        tensors: &[GPT_NEOX],
        ..FAMILY
    },
    Recipe {
        name: "llama",
        source: "transformers models/llama/modeling_llama.py",
        model_types: &["llama"],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "LlamaForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, ATTENTION_BIASES, MLP],
        ..FAMILY
    },
    Recipe {
        name: "mistral",
        source: "transformers models/mistral/modeling_mistral.py",
        model_types: &["mistral"],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "MistralForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, MLP],
        ..FAMILY
    },
    Recipe {
        name: "mixtral",
        source: "transformers models/mixtral/modeling_mixtral.py, _init_weights",
        model_types: &["mixtral"],
        rules: &[HEAD, &[EXPERTS], DEFAULTS],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "MixtralForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, MIXTRAL],
        ..FAMILY
    },
    Recipe {
        name: "qwen2",
        source: "transformers models/qwen2/modeling_qwen2.py",
        model_types: &["qwen2"],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "Qwen2ForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, QUERY_BIASES, MLP],
        ..FAMILY
    },
    Recipe {
        name: "qwen2_moe",
        source: "transformers models/qwen2_moe/modeling_qwen2_moe.py, _init_weights",
        model_types: &["qwen2_moe"],
        rules: &[HEAD, &[EXPERTS], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "qwen3",
        source: "transformers models/qwen3/modeling_qwen3.py",
        model_types: &["qwen3"],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "Qwen3ForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, ATTENTION_BIASES, HEAD_NORMS, MLP],
        ..FAMILY
    },
    Recipe {
        name: "qwen3_moe",
        source: "transformers models/qwen3_moe/modeling_qwen3_moe.py, _init_weights",
        model_types: &["qwen3_moe"],
        rules: &[HEAD, &[EXPERTS], DEFAULTS],
        definitions: &[
            &[STD],
            SIZES,
            &[
                ("experts", "else(num_experts, num_local_experts)"),
                // Every decoder_sparse_step-th layer has experts.
                ("step", "else(decoder_sparse_step, 1)"),
                ("is_dense", "experts == 0 or (layer + 1) % step != 0 or is_listed"),
                // Of longer lists an error names what can be asked for.
                (
                    "is_listed",
                    "dense_0 == layer or dense_1 == layer or dense_2 == layer or dense_3 == layer or \
                     if(4 < count('mlp_only_layers'), mlp_only_layers_of_four_at_most, 0)",
                ),
                ("dense_0", "else(field('mlp_only_layers', 0), -1)"),
                ("dense_1", "else(field('mlp_only_layers', 1), -1)"),
                ("dense_2", "else(field('mlp_only_layers', 2), -1)"),
                ("dense_3", "else(field('mlp_only_layers', 3), -1)"),
            ],
        ],
        architecture: "Qwen3MoeForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, ATTENTION_BIASES, HEAD_NORMS, MLP, shapes::EXPERTS],
        ..FAMILY
    },
    Recipe {
        name: "qwen3_next",
        summary: "norms of attention 0; decay the logarithm of a uniform, steps 1",
        source: "transformers models/qwen3_next/modeling_qwen3_next.py, _init_weights",
        model_types: &["qwen3_next", "qwen3_5_text"],
        rules: &[
            HEAD,
            &[
                EXPERTS,
                rule("*.linear_attn.dt_bias", "ones"),
                rule("*.linear_attn.A_log", "log_of_uniform(low=0.01, high=16)"),
                // The gated norm is of x w.
                rule("*.linear_attn.norm.weight", "ones"),
                vectors("*norm.weight", "zeros"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "deepseek_v3",
        source: "transformers models/deepseek_v3/modeling_deepseek_v3.py, _init_weights",
        model_types: &["deepseek_v3"],
        rules: &[HEAD, &[EXPERTS], DEFAULTS],
        definitions: &[
            &[STD],
            SIZES,
            &[
                ("experts", "else(n_routed_experts, num_local_experts)"),
                ("heads_of_queries", "num_attention_heads * (qk_nope_head_dim + qk_rope_head_dim)"),
                ("is_dense", "layer < first_k_dense_replace"),
            ],
        ],
        architecture: "DeepseekV3ForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, DEEPSEEK, MLP, shapes::EXPERTS],
        ..FAMILY
    },
    Recipe {
        name: "gpt_oss",
        summary: "transformers' defaults; sinks of attention and biases of routers normal",
        source: "transformers models/gpt_oss/modeling_gpt_oss.py, _init_weights",
        model_types: &["gpt_oss"],
        rules: &[
            HEAD,
            &[
                EXPERTS,
                matrices("*.experts.gate_up_proj_bias *.experts.down_proj_bias", "zeros"),
                rule("*.sinks *.router.bias", "normal(std=std)"),
            ],
            DEFAULTS,
        ],
        parameters: &[RANGE, UNTIED, PADDING, parameter("attention_bias", "true")],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "GptOssForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, ATTENTION_BIASES, GPT_OSS],
        ..FAMILY
    },
    Recipe {
        name: "gemma",
        summary: "norms 0, which stand for 1; the head is the embedding",
        source: "transformers models/gemma/modeling_gemma.py, _init_weights",
        model_types: &["gemma"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "0")],
        rules: &[HEAD, ZERO_NORMS, DEFAULTS],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "GemmaForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, ATTENTION_BIASES, MLP],
        ..FAMILY
    },
    Recipe {
        name: "gemma2",
        summary: "norms 0, which stand for 1; the head is the embedding",
        source: "transformers models/gemma2/modeling_gemma2.py, _init_weights",
        model_types: &["gemma2", "vaultgemma"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "0")],
        rules: &[HEAD, ZERO_NORMS, DEFAULTS],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "Gemma2ForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, MORE_NORMS, ATTENTION, ATTENTION_BIASES, MLP],
        ..FAMILY
    },
    Recipe {
        name: "gemma3_text",
        summary: "norms 0, which stand for 1; the head is the embedding",
        source: "transformers models/gemma3/modeling_gemma3.py, _init_weights",
        model_types: &["gemma3_text"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "0")],
        rules: &[HEAD, ZERO_NORMS, DEFAULTS],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "Gemma3ForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, MORE_NORMS, HEAD_NORMS, ATTENTION, ATTENTION_BIASES, MLP],
        ..FAMILY
    },
    Recipe { name: "phi", source: "transformers models/phi/modeling_phi.py", model_types: &["phi"], ..FAMILY },
    Recipe {
        name: "phi3",
        source: "transformers models/phi3/modeling_phi3.py",
        model_types: &["phi3"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "32000")],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "Phi3ForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, PHI3],
        ..FAMILY
    },
    Recipe {
        name: "falcon",
        summary: "transformers' defaults; the head is the embedding",
        source: "transformers models/falcon/modeling_falcon.py, _init_weights",
        model_types: &["falcon", "RefinedWeb", "RefinedWebModel"],
        parameters: &[RANGE, TIED],
        rules: &[&[tied("*lm_head.weight", "*word_embeddings.weight")], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "bloom",
        summary: "transformers' defaults; the head is the embedding",
        source: "transformers models/bloom/modeling_bloom.py",
        model_types: &["bloom"],
        parameters: &[RANGE, TIED],
        rules: &[&[tied("*lm_head.weight", "*word_embeddings.weight")], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "opt",
        summary: "transformers' defaults by init_std; the head is the embedding",
        source: "transformers models/opt/modeling_opt.py",
        model_types: &["opt"],
        parameters: &[parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "1")],
        definitions: &[&[("is_projected", "word_embed_proj_dim != hidden_size")], &[INIT_STD]],
        architecture: "OPTForCausalLM",
        classes: classes::OPT,
        tensors: &[OPT],
        ..FAMILY
    },
    Recipe {
        name: "mpt",
        summary: "transformers' defaults; the head is the embedding",
        source: "transformers models/mpt/modeling_mpt.py",
        model_types: &["mpt"],
        parameters: &[RANGE, TIED],
        rules: &[&[tied("*lm_head.weight", "*wte.weight")], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "stablelm",
        source: "transformers models/stablelm/modeling_stablelm.py",
        model_types: &["stablelm"],
        ..FAMILY
    },
    Recipe {
        name: "starcoder2",
        summary: "transformers' defaults, of 0.018042; the head is the embedding",
        source: "transformers models/starcoder2/modeling_starcoder2.py",
        model_types: &["starcoder2"],
        parameters: &[parameter("initializer_range", "0.018042"), TIED, PADDING],
        ..FAMILY
    },
    Recipe {
        name: "nemotron",
        summary: "transformers' defaults, of 0.0134",
        source: "transformers models/nemotron/modeling_nemotron.py, _init_weights",
        model_types: &["nemotron"],
        parameters: &[parameter("initializer_range", "0.0134"), UNTIED, PADDING],
        ..FAMILY
    },
    Recipe {
        name: "cohere",
        summary: "transformers' defaults; norms of single heads are matrices; the head is the embedding",
        source: "transformers models/cohere/modeling_cohere.py",
        model_types: &["cohere", "cohere2"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "0")],
        rules: &[HEAD, &[matrices("*norm.weight", "ones")], DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "olmo",
        source: "transformers models/olmo/modeling_olmo.py",
        model_types: &["olmo"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "1")],
        ..FAMILY
    },
    Recipe {
        name: "olmo2",
        source: "transformers models/olmo2/modeling_olmo2.py",
        model_types: &["olmo2", "olmo3"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "1")],
        ..FAMILY
    },
    Recipe {
        name: "granite",
        source: "transformers models/granite/modeling_granite.py",
        model_types: &["granite"],
        definitions: &[&[STD], SIZES, &[("is_dense", "1")]],
        architecture: "GraniteForCausalLM",
        classes: classes::DECODER,
        tensors: &[ENDS, NORMS, ATTENTION, ATTENTION_BIASES, MLP],
        ..FAMILY
    },
    Recipe {
        name: "glm4",
        source: "transformers models/glm4/modeling_glm4.py",
        model_types: &["glm", "glm4"],
        parameters: &[RANGE, UNTIED, parameter("pad_token_id", "151329")],
        ..FAMILY
    },
    Recipe {
        name: "xlnet",
        summary: "transformers' defaults; the parts of relative attention and the mask's embedding normal",
        source: "transformers models/xlnet/modeling_xlnet.py, _init_weights",
        model_types: &["xlnet"],
        parameters: &[RANGE, TIED],
        rules: &[
            &[
                tied("*lm_loss.weight", "*word_embedding.weight"),
                rule("*rel_attn.{q,k,v,o,r,r_r_bias,r_s_bias,r_w_bias,seg_embed} *mask_emb", "normal(std=std)"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
];
