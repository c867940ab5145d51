//! Families of transformers' models that do nothing but the base: a row each, with the fields of the configuration that
//! have defaults of their own.

use crate::init::parameter;
use crate::recipe::family::base::{DEFAULTS, EXPERTS, FAMILY, INIT_STD, PADDING, RANGE, TIED, UNTIED, padded, tied};
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, matrices, tie};

/// Heads and embeddings by all names that they have.
pub(super) const COMMON: &[Rule] = &[
    tied(
        "*lm_head.weight *lm_head.decoder.weight *output_projection.weight *predictions.decoder.weight \
         *embed_out.weight",
        "*{embed_tokens,word_embeddings,shared,wte,embed_in,transformer.w}.weight",
    ),
    tie("*lm_head.decoder.bias", "*lm_head.bias"),
    tie("*predictions.decoder.bias", "*predictions.bias"),
    tied("*encoder.embed_tokens.weight *decoder.embed_tokens.weight", "*shared.weight"),
    padded("*embed_tokens.weight *word_embeddings.weight *shared.weight"),
    matrices("*final_logits_bias", "zeros"),
    EXPERTS,
];

/// A family by its name, the module of transformers that has it, and its parameters.
macro_rules! family {
    ($name:literal, $module:literal, $($parameter:expr),+) => {
        Recipe {
            name: $name,
            source: concat!("transformers models/", $module, "/modeling_", $module, ".py"),
            model_types: &[$name],
            parameters: &[$($parameter),+],
            rules: &[COMMON, DEFAULTS],
            ..FAMILY
        }
    };
}

/// The same, where the deviation is called init_std.
macro_rules! by_init_std {
    ($($row:tt)+) => {
        Recipe { definitions: &[&[INIT_STD]], ..family!($($row)+) }
    };
}

pub(super) const RECIPES: &[Recipe] = &[
    family!("arcee", "arcee", RANGE, UNTIED, PADDING),
    family!("aria_text", "aria", RANGE, UNTIED, parameter("pad_token_id", "2")),
    family!("audioflamingo3_encoder", "audioflamingo3", RANGE, UNTIED, PADDING),
    family!("axk1", "axk1", RANGE, UNTIED, PADDING),
    family!("axk2", "axk2", RANGE, UNTIED, PADDING),
    family!("beam", "beam", RANGE, UNTIED, PADDING),
    family!("bert-generation", "bert_generation", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("big_bird", "big_bird", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("biogpt", "biogpt", RANGE, TIED, parameter("pad_token_id", "1")),
    family!("bitnet", "bitnet", RANGE, UNTIED, PADDING),
    by_init_std!("blenderbot", "blenderbot", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "0")),
    by_init_std!(
        "blenderbot-small",
        "blenderbot_small",
        parameter("init_std", "0.02"),
        TIED,
        parameter("pad_token_id", "0")
    ),
    family!("blip_2_qformer", "blip_2", RANGE, UNTIED, parameter("pad_token_id", "0")),
    family!("bros", "bros", RANGE, UNTIED, parameter("pad_token_id", "0")),
    family!("canine", "canine", RANGE, UNTIED, parameter("pad_token_id", "0")),
    family!("codegen", "codegen", RANGE, UNTIED, PADDING),
    family!("cohere2_moe", "cohere2_moe", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("cosmos3_edge_vision", "cosmos3_edge", RANGE, UNTIED, PADDING),
    family!("ctrl", "ctrl", RANGE, TIED, PADDING),
    family!("cwm", "cwm", RANGE, UNTIED, PADDING),
    family!("deberta", "deberta", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("deepseek_v2", "deepseek_v2", RANGE, UNTIED, PADDING),
    family!("deepseek_v32", "deepseek_v32", RANGE, UNTIED, PADDING),
    family!("dpr", "dpr", RANGE, UNTIED, parameter("pad_token_id", "0")),
    family!("ernie", "ernie", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("ernie4_5", "ernie4_5", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("eurobert", "eurobert", RANGE, UNTIED, parameter("pad_token_id", "128001")),
    family!("exaone4", "exaone4", RANGE, UNTIED, PADDING),
    family!("exaone_moe", "exaone_moe", RANGE, UNTIED, parameter("pad_token_id", "0")),
    family!("flex_olmo", "flex_olmo", RANGE, UNTIED, parameter("pad_token_id", "100277")),
    family!("fnet", "fnet", RANGE, TIED, parameter("pad_token_id", "3")),
    family!("fun_asr_nano_encoder", "fun_asr_nano", RANGE, UNTIED, PADDING),
    family!("glm4_moe", "glm4_moe", RANGE, UNTIED, PADDING),
    family!("glm4_moe_lite", "glm4_moe_lite", RANGE, UNTIED, PADDING),
    family!("glm4v_moe_text", "glm4v_moe", RANGE, UNTIED, PADDING),
    family!("glm4v_text", "glm4v", RANGE, UNTIED, PADDING),
    family!("glm_image_text", "glm_image", RANGE, UNTIED, parameter("pad_token_id", "167841")),
    family!("glm_image_vision", "glm_image", RANGE, UNTIED, PADDING),
    family!("glm_image_vqmodel", "glm_image", RANGE, UNTIED, PADDING),
    family!("glm_moe_dsa", "glm_moe_dsa", RANGE, UNTIED, PADDING),
    family!("glm_ocr_text", "glm_ocr", RANGE, UNTIED, PADDING),
    family!("glmasr_encoder", "glmasr", RANGE, UNTIED, PADDING),
    family!("glpn", "glpn", RANGE, UNTIED, PADDING),
    family!("gpt_neox_japanese", "gpt_neox_japanese", RANGE, TIED, PADDING),
    family!("granite_docling_text", "granite_docling", RANGE, TIED, parameter("pad_token_id", "100256")),
    family!("granite_docling_vision", "granite_docling", RANGE, UNTIED, PADDING),
    family!("granitemoe", "granitemoe", RANGE, UNTIED, PADDING),
    family!("granitemoeshared", "granitemoeshared", RANGE, UNTIED, PADDING),
    family!("gte", "gte", RANGE, TIED, parameter("pad_token_id", "1")),
    family!("helium", "helium", RANGE, UNTIED, parameter("pad_token_id", "3")),
    family!("higgs_audio_v2", "higgs_audio_v2", RANGE, UNTIED, parameter("pad_token_id", "128001")),
    family!("hy_v3", "hy_v3", parameter("initializer_range", "0.006"), UNTIED, PADDING),
    family!("hyperclovax", "hyperclovax", RANGE, UNTIED, PADDING),
    family!("idefics3_vision", "idefics3", RANGE, UNTIED, PADDING),
    family!("internlm3", "internlm3", RANGE, UNTIED, parameter("pad_token_id", "2")),
    family!("iquestcoder", "iquestcoder", RANGE, UNTIED, PADDING),
    family!("jais2", "jais2", RANGE, UNTIED, PADDING),
    family!("jetmoe", "jetmoe", parameter("initializer_range", "0.01"), TIED, PADDING),
    family!("jina_embeddings_v3", "jina_embeddings_v3", RANGE, TIED, parameter("pad_token_id", "1")),
    family!("kolibri1", "kolibri1", RANGE, UNTIED, PADDING),
    family!("laguna", "laguna", RANGE, UNTIED, PADDING),
    family!("lasr_encoder", "lasr", RANGE, UNTIED, PADDING),
    family!("layoutlm", "layoutlm", RANGE, TIED, parameter("pad_token_id", "0")),
    by_init_std!("led", "led", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "1")),
    family!("lfm2", "lfm2", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("lfm3", "lfm3", RANGE, TIED, parameter("pad_token_id", "124893")),
    family!("llama4_text", "llama4", RANGE, UNTIED, PADDING),
    by_init_std!("m2m_100", "m2m_100", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "1")),
    family!("megatron-bert", "megatron_bert", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("mellum", "mellum", RANGE, UNTIED, PADDING),
    family!("minicpm3", "minicpm3", parameter("initializer_range", "0.1"), TIED, PADDING),
    family!("minicpm_ocr_vision", "minicpm_ocr", RANGE, UNTIED, PADDING),
    family!("minicpmv4_7_vision", "minicpmv4_7", RANGE, UNTIED, PADDING),
    family!("minimax_m2", "minimax_m2", RANGE, UNTIED, PADDING),
    family!("ministral3", "ministral3", RANGE, UNTIED, parameter("pad_token_id", "11")),
    family!("mistral4", "mistral4", RANGE, UNTIED, parameter("pad_token_id", "11")),
    family!("mobilebert", "mobilebert", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("mobilenet_v1", "mobilenet_v1", RANGE, UNTIED, PADDING),
    family!("moss_transcribe_diarize_audio", "moss_transcribe_diarize", RANGE, UNTIED, PADDING),
    family!("muse_glimmer_assistant", "muse_glimmer_assistant", RANGE, UNTIED, parameter("pad_token_id", "200018")),
    family!("muse_glimmer_text", "muse_glimmer", RANGE, UNTIED, PADDING),
    by_init_std!("mvp", "mvp", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "1")),
    family!("nemotron3_5_transcribe_asr_audio", "nemotron3_5_transcribe", RANGE, UNTIED, PADDING),
    family!("nemotron3_diarization_audio", "nemotron3_diarization", RANGE, UNTIED, PADDING),
    by_init_std!("nllb-moe", "nllb_moe", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "1")),
    family!("nomic_bert", "nomic_bert", RANGE, TIED, parameter("pad_token_id", "0")),
    family!("olmoe", "olmoe", RANGE, UNTIED, parameter("pad_token_id", "1")),
    by_init_std!("pegasus_x", "pegasus_x", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "0")),
    family!("persimmon", "persimmon", RANGE, UNTIED, PADDING),
    family!("phimoe", "phimoe", RANGE, UNTIED, PADDING),
    by_init_std!("plbart", "plbart", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "1")),
    family!("qwen2_5_vl_text", "qwen2_5_vl", RANGE, UNTIED, PADDING),
    family!("qwen2_vl_text", "qwen2_vl", RANGE, UNTIED, PADDING),
    family!("qwen3_vl_text", "qwen3_vl", RANGE, UNTIED, PADDING),
    family!("rembert", "rembert", RANGE, UNTIED, parameter("pad_token_id", "0")),
    family!("seed_oss", "seed_oss", RANGE, UNTIED, parameter("pad_token_id", "1")),
    family!("smollm3", "smollm3", RANGE, TIED, parameter("pad_token_id", "128004")),
    family!("solar_open", "solar_open", RANGE, UNTIED, PADDING),
    family!("splinter", "splinter", RANGE, UNTIED, parameter("pad_token_id", "0")),
    family!("videomae", "videomae", RANGE, UNTIED, PADDING),
    by_init_std!("xglm", "xglm", parameter("init_std", "0.02"), TIED, parameter("pad_token_id", "1")),
];
