//! Other classes of the families' models: without a head, and with heads for labels.

use crate::recipe::tensors::{Class, Tensors, class, headless, tensors};

const SCORE: Tensors = tensors("score.weight", "labels, hidden_size");
const CLASSIFIER: &[Tensors] =
    &[tensors("classifier.weight", "labels, hidden_size"), tensors("classifier.bias", "labels")];
/// The first and the last word of an answer.
const ANSWER: &[Tensors] = &[tensors("qa_outputs.weight", "labels, hidden_size"), tensors("qa_outputs.bias", "labels")];
const POOLER: [Tensors; 2] =
    [tensors("pooler.dense.weight", "hidden_size, hidden_size"), tensors("pooler.dense.bias", "hidden_size")];
const VIT_POOLER: [Tensors; 2] = [
    tensors("pooler.dense.weight", "else(pooler_output_size, hidden_size), hidden_size"),
    tensors("pooler.dense.bias", "else(pooler_output_size, hidden_size)"),
];
const BERT_POOLER: [Tensors; 2] =
    [tensors("bert.pooler.dense.weight", "hidden_size, hidden_size"), tensors("bert.pooler.dense.bias", "hidden_size")];
const BERT_CLASSIFIER: &[Tensors] = &[BERT_POOLER[0], BERT_POOLER[1], CLASSIFIER[0], CLASSIFIER[1]];
/// Whether one sentence follows another.
const BERT_PRETRAINING: &[Tensors] = &[
    BERT_POOLER[0],
    BERT_POOLER[1],
    tensors("cls.seq_relationship.weight", "2, hidden_size"),
    tensors("cls.seq_relationship.bias", "2"),
];
const LABELS: &str = "ForSequenceClassification";
const TOKENS: &str = "ForTokenClassification";
const ANSWERS: &str = "ForQuestionAnswering";

/// Of Llama and its kin.
pub(in crate::recipe::family) const DECODER: &[Class] = &[
    headless("model.", "lm_head.*", &[]),
    class(LABELS, "lm_head.*", &[SCORE]),
    class(TOKENS, "lm_head.*", &[SCORE, tensors("score.bias", "labels")]),
];
pub(in crate::recipe::family) const GPT2: &[Class] = &[
    headless("transformer.", "lm_head.*", &[]),
    class(LABELS, "lm_head.*", &[tensors("score.weight", "labels, n_embd")]),
    class(TOKENS, "lm_head.*", &[tensors("classifier.weight", "labels, n_embd"), tensors("classifier.bias", "labels")]),
];
pub(in crate::recipe::family) const GPT_NEOX: &[Class] = &[
    headless("gpt_neox.", "embed_out.*", &[]),
    class(LABELS, "embed_out.*", &[SCORE]),
    class(TOKENS, "embed_out.*", CLASSIFIER),
];
pub(in crate::recipe::family) const OPT: &[Class] = &[
    headless("model.", "lm_head.*", &[]),
    class(LABELS, "lm_head.*", &[tensors("score.weight", "labels, word_embed_proj_dim")]),
];
pub(in crate::recipe::family) const MAMBA2: &[Class] = &[headless("backbone.", "lm_head.*", &[])];
pub(in crate::recipe::family) const BERT: &[Class] = &[
    headless("bert.", "cls.*", &POOLER),
    class(LABELS, "cls.*", BERT_CLASSIFIER),
    class(TOKENS, "cls.*", CLASSIFIER),
    class(ANSWERS, "cls.*", ANSWER),
    class("ForPreTraining", "", BERT_PRETRAINING),
];
pub(in crate::recipe::family) const ROBERTA: &[Class] = &[
    headless("roberta.", "lm_head.*", &POOLER),
    class(
        LABELS,
        "lm_head.*",
        &[
            tensors("classifier.dense.weight", "hidden_size, hidden_size"),
            tensors("classifier.dense.bias", "hidden_size"),
            tensors("classifier.out_proj.weight", "labels, hidden_size"),
            tensors("classifier.out_proj.bias", "labels"),
        ],
    ),
    class(TOKENS, "lm_head.*", CLASSIFIER),
    class(ANSWERS, "lm_head.*", ANSWER),
];
pub(in crate::recipe::family) const MODERNBERT: &[Class] = &[
    headless("model.", "head.* decoder.*", &[]),
    class(LABELS, "decoder.*", CLASSIFIER),
    class(TOKENS, "decoder.*", CLASSIFIER),
    class(ANSWERS, "decoder.*", CLASSIFIER),
];
pub(in crate::recipe::family) const T5: &[Class] =
    &[headless("", "lm_head.*", &[]), class("EncoderModel", "lm_head.* decoder.*", &[])];
pub(in crate::recipe::family) const WHISPER: &[Class] = &[headless("model.", "proj_out.*", &[])];
pub(in crate::recipe::family) const VIT: &[Class] = &[headless("vit.", "classifier.*", &VIT_POOLER)];
pub(in crate::recipe::family) const CONVNEXT: &[Class] = &[headless("convnext.", "classifier.*", &[])];
pub(in crate::recipe::family) const RESNET: &[Class] = &[headless("resnet.", "classifier.*", &[])];
pub(in crate::recipe::family) const GEMMA3: &[Class] = &[
    headless("", "*lm_head.*", &[]),
    class(LABELS, "*lm_head.*", &[tensors("score.weight", "labels, text_config.hidden_size")]),
];
