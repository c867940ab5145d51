"""The models that golden files are made of: small, with sizes that tell one dimension from another."""

# Fields that most decoders share.
DECODER = dict(
    hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=80, num_key_value_heads=2,
    vocab_size=130, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=None,
)
GPT = dict(n_embd=48, n_layer=3, n_head=4, n_positions=64, vocab_size=130, bos_token_id=1, eos_token_id=2)
ENCODER = dict(
    hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=80, vocab_size=130,
    max_position_embeddings=64, pad_token_id=0,
)
SEQUENCE = dict(
    d_model=48, encoder_layers=2, decoder_layers=3, encoder_attention_heads=4, decoder_attention_heads=4,
    encoder_ffn_dim=80, decoder_ffn_dim=72, max_position_embeddings=64, vocab_size=130, pad_token_id=1,
)
VISION = dict(
    hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=80, image_size=32, patch_size=8,
    num_labels=7,
)
EXPERTS = dict(num_experts=4, num_experts_per_tok=2, moe_intermediate_size=40)


def decoder(prefix, **fields):
    """A causal model as it is, and with another scale, a padding row and the other way of tying."""
    config = prefix + "Config"
    model = prefix + "ForCausalLM"
    fields = DECODER | fields
    return [
        (config, model, fields),
        (config, model, fields | dict(initializer_range=0.05, pad_token_id=3, tie_word_embeddings=True)),
        (config, model, fields | dict(initializer_range=0.01, pad_token_id=0, tie_word_embeddings=False)),
    ]


def variants(config, models, fields, **others):
    """Each model with `fields`, then with `others` too."""
    return [(config, model, f) for model in models for f in ([fields, fields | others] if others else [fields])]


DEEPSEEK = dict(
    q_lora_rank=24, kv_lora_rank=16, qk_rope_head_dim=8, qk_nope_head_dim=8, v_head_dim=12, n_routed_experts=4,
    n_shared_experts=1, num_experts_per_tok=2, n_group=2, topk_group=1, moe_intermediate_size=40,
    first_k_dense_replace=1, num_key_value_heads=4,
)
MAMBA2 = dict(
    hidden_size=48, num_hidden_layers=3, state_size=8, num_heads=6, head_dim=16, expand=2, n_groups=2, vocab_size=130,
    chunk_size=8, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
JAMBA = dict(
    num_experts=4, num_experts_per_tok=2, attn_layer_period=2, attn_layer_offset=1, expert_layer_period=2,
    expert_layer_offset=1, mamba_d_state=8, mamba_d_conv=4, mamba_expand=2, mamba_dt_rank=6, use_mamba_kernels=False,
)
CLIP = dict(
    text_config=ENCODER | dict(bos_token_id=1, eos_token_id=2, projection_dim=32, pad_token_id=1),
    vision_config=VISION | dict(projection_dim=32), projection_dim=32,
)
WAV = dict(
    hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=80, vocab_size=32,
    conv_dim=(16, 24), conv_stride=(5, 2), conv_kernel=(10, 3), num_conv_pos_embeddings=8,
    num_conv_pos_embedding_groups=4, num_feat_extract_layers=2,
)

COMPOSED = """
    Qwen2VL Qwen2_5_VL Qwen3VL Llava LlavaNext LlavaOnevision PaliGemma Llama4 Mistral3 SmolVLM Idefics3 InternVL AyaVision
    Blip VipLlava Glm4v Ovis2
"""

# Families that are told by their configuration and class alone, with what small() gives them.
OTHERS = """
    ASTConfig:ASTModel AXK1Config:AXK1ForCausalLM AXK2Config:AXK2ForCausalLM
    AfmoeConfig:AfmoeForCausalLM ApertusConfig:ApertusForCausalLM ArceeConfig:ArceeForCausalLM
    AriaTextConfig:AriaTextForCausalLM AudioFlamingo3EncoderConfig:AudioFlamingo3Encoder
    BeamConfig:BeamForCausalLM BertGenerationConfig:BertGenerationDecoder
    BigBirdConfig:BigBirdForCausalLM BioGptConfig:BioGptForCausalLM BitNetConfig:BitNetForCausalLM
    BlenderbotConfig:BlenderbotForCausalLM BlenderbotSmallConfig:BlenderbotSmallForCausalLM
    Blip2QFormerConfig:Blip2QFormerModel BrosConfig:BrosModel CTRLConfig:CTRLLMHeadModel
    CanineConfig:CanineModel CodeGenConfig:CodeGenForCausalLM Cohere2MoeConfig:Cohere2MoeForCausalLM
    ConvBertConfig:ConvBertForMaskedLM ConvNextV2Config:ConvNextV2ForImageClassification
    Cosmos3EdgeVisionConfig:Cosmos3EdgeVisionModel 
    CwmConfig:CwmForCausalLM DPRConfig:DPRQuestionEncoder DPTConfig:DPTModel
    Data2VecTextConfig:Data2VecTextForCausalLM DebertaConfig:DebertaForMaskedLM
    DeepseekV2Config:DeepseekV2ForCausalLM DeepseekV32Config:DeepseekV32ForCausalLM
    DiffLlamaConfig:DiffLlamaForCausalLM
    Dinov2WithRegistersConfig:Dinov2WithRegistersForImageClassification DogeConfig:DogeForCausalLM
    Ernie4_5Config:Ernie4_5ForCausalLM Ernie4_5_MoeConfig:Ernie4_5_MoeForCausalLM
    ErnieConfig:ErnieForCausalLM EuroBertConfig:EuroBertForMaskedLM Exaone4Config:Exaone4ForCausalLM
    ExaoneConfig:LlamaForCausalLM ExaoneMoeConfig:ExaoneMoeForCausalLM FNetConfig:FNetForMaskedLM
    FalconH1Config:FalconH1ForCausalLM FlexOlmoConfig:FlexOlmoForCausalLM
    FunAsrNanoEncoderConfig:FunAsrNanoEncoder GLPNConfig:GLPNModel GPT2Config:GPT2LMHeadModel
    GPTBigCodeConfig:GPTBigCodeForCausalLM GPTNeoXJapaneseConfig:GPTNeoXJapaneseForCausalLM
    Glm4MoeConfig:Glm4MoeForCausalLM Glm4MoeLiteConfig:Glm4MoeLiteForCausalLM
    Glm4vMoeTextConfig:Glm4vMoeTextModel Glm4vTextConfig:Glm4vTextModel
    GlmAsrEncoderConfig:GlmAsrEncoder GlmImageTextConfig:GlmImageTextModel
    GlmImageVQVAEConfig:GlmImageVQVAE GlmImageVisionConfig:GlmImageVisionModel
    GlmMoeDsaConfig:GlmMoeDsaForCausalLM GlmOcrTextConfig:GlmOcrTextModel
    GraniteDoclingTextConfig:GraniteDoclingTextModel
    GraniteDoclingVisionConfig:GraniteDoclingVisionModel GraniteMoeConfig:GraniteMoeForCausalLM
    GraniteMoeSWAConfig:GraniteMoeSWAForCausalLM GraniteMoeSharedConfig:GraniteMoeSharedForCausalLM
    GraniteSWAConfig:GraniteSWAForCausalLM GteConfig:GteForMaskedLM HYV3Config:HYV3ForCausalLM
    HeliumConfig:HeliumForCausalLM HiggsAudioV2Config:HiggsAudioV2ForConditionalGeneration
    HubertConfig:HubertForCTC HyperCLOVAXConfig:HyperCLOVAXForCausalLM
    IJepaConfig:IJepaForImageClassification IQuestCoderConfig:LlamaForCausalLM
    Idefics3VisionConfig:Idefics3VisionTransformer InternLM3Config:LlamaForCausalLM
    InternVLVisionConfig:InternVLVisionModel Jais2Config:Jais2ForCausalLM JetMoeConfig:JetMoeForCausalLM
    JinaEmbeddingsV3Config:JinaEmbeddingsV3ForMaskedLM Kolibri1Config:Kolibri1ForCausalLM
    LEDConfig:LEDForConditionalGeneration LagunaConfig:LagunaForCausalLM LasrEncoderConfig:LasrEncoder
    LayoutLMConfig:LayoutLMForMaskedLM 
    Lfm2Config:Lfm2ForCausalLM Lfm3Config:Lfm3ForCausalLM LiltConfig:LiltModel
    Llama4TextConfig:Llama4ForCausalLM LongformerConfig:LongformerForMaskedLM
    M2M100Config:M2M100ForConditionalGeneration MPNetConfig:MPNetForMaskedLM
    MarianConfig:MarianForCausalLM MarkupLMConfig:MarkupLMModel
    MegatronBertConfig:MegatronBertForCausalLM MellumConfig:MellumForCausalLM
    MiMoV2FlashConfig:MiMoV2FlashForCausalLM MiniCPM3Config:MiniCPM3ForCausalLM
    MiniCPMOcrVisionConfig:MiniCPMOcrVisionModel MiniCPMV4_7VisionConfig:MiniCPMV4_7VisionModel
    MiniMaxM2Config:MiniMaxM2ForCausalLM MiniMaxM3VLTextConfig:MiniMaxM3VLForCausalLM
    Ministral3Config:Ministral3ForCausalLM Mistral4Config:Mistral4Model
    MobileBertConfig:MobileBertForMaskedLM MobileNetV1Config:MobileNetV1ForImageClassification
    ModernBertDecoderConfig:ModernBertDecoderForCausalLM
    MossTranscribeDiarizeAudioConfig:MossTranscribeDiarizeAudioModel MraConfig:MraForMaskedLM
    MuseGlimmerAssistantConfig:MuseGlimmerAssistantModel MuseGlimmerTextConfig:MuseGlimmerTextModel
    MvpConfig:MvpForCausalLM NanoChatConfig:NanoChatForCausalLM
    Nemotron3DiarizationAudioConfig:Nemotron3DiarizationAudioModel
    Nemotron3_5TranscribeAsrAudioConfig:Nemotron3_5TranscribeAsrAudioModel
    NllbMoeConfig:NllbMoeForConditionalGeneration NomicBertConfig:NomicBertForMaskedLM
    NystromformerConfig:NystromformerForMaskedLM OlmoeConfig:OlmoeForCausalLM
    PLBartConfig:PLBartForCausalLM PegasusConfig:PegasusForCausalLM
    PegasusXConfig:PegasusXForConditionalGeneration PersimmonConfig:PersimmonForCausalLM
    PhimoeConfig:PhimoeForCausalLM Qwen2VLTextConfig:Qwen2VLTextModel
    Qwen2_5_VLTextConfig:Qwen2_5_VLTextModel Qwen3VLTextConfig:Qwen3VLTextModel
    Qwen3_5TextConfig:Qwen3_5ForCausalLM RemBertConfig:RemBertForCausalLM
    RoFormerConfig:RoFormerForCausalLM SEWConfig:SEWForCTC SeedOssConfig:SeedOssForCausalLM
    SmolLM3Config:SmolLM3ForCausalLM SolarOpenConfig:SolarOpenForCausalLM SplinterConfig:SplinterModel
    TimesformerConfig:TimesformerModel UniSpeechConfig:UniSpeechForCTC
    UniSpeechSatConfig:UniSpeechSatForCTC VaultGemmaConfig:VaultGemmaForCausalLM
    ViTMSNConfig:ViTMSNForImageClassification VideoMAEConfig:VideoMAEModel ViltConfig:ViltModel
    VivitConfig:VivitModel WavLMConfig:WavLMForCTC XGLMConfig:XGLMForCausalLM XmodConfig:XmodForCausalLM
    YosoConfig:YosoForMaskedLM
"""

TRANSFORMERS = {
    "composed": [(name + "Config", name + "ForConditionalGeneration", None) for name in COMPOSED.split()]
    + [("Siglip2Config", "Siglip2Model", None)],
    "others": [(*pair.split(":"), None) for pair in OTHERS.split()]
    + [("DINOv3ViTConfig", "DINOv3ViTModel", VISION | dict(num_hidden_layers=1, num_register_tokens=2)),
       ("CvtConfig", "CvtForImageClassification", dict(depth=[1, 2, 3])),
       ("LevitConfig", "LevitForImageClassification", dict(depths=[1, 1, 1], image_size=64))],
    "gpt2": variants("GPT2Config", ["GPT2LMHeadModel", "GPT2Model", "GPT2ForSequenceClassification"], GPT,
                     initializer_range=0.05, pad_token_id=0)
    + variants("GPT2Config", ["GPT2DoubleHeadsModel"], GPT | dict(add_cross_attention=True, tie_word_embeddings=False)),
    "gpt_neo": variants("GPTNeoConfig", ["GPTNeoForCausalLM"], dict(
        hidden_size=48, num_layers=4, num_heads=4, intermediate_size=80, max_position_embeddings=64, vocab_size=130,
        attention_types=[[["global", "local"], 2]]), initializer_range=0.05, tie_word_embeddings=False),
    "gptj": variants("GPTJConfig", ["GPTJForCausalLM"], GPT | dict(rotary_dim=4), initializer_range=0.05,
                     tie_word_embeddings=True),
    "gpt_neox": decoder("GPTNeoX"),
    "llama": decoder("Llama") + variants("LlamaConfig", ["LlamaModel", "LlamaForSequenceClassification",
        "LlamaForTokenClassification", "LlamaForQuestionAnswering"], DECODER | dict(attention_bias=True, mlp_bias=True)),
    "rope": [("LlamaConfig", "LlamaModel", DECODER | dict(num_hidden_layers=1, head_dim=16, rope_parameters=rope)) for rope in [
        dict(rope_type="default", rope_theta=5e5), dict(rope_type="linear", rope_theta=1e4, factor=4.0),
        dict(rope_type="dynamic", rope_theta=1e4, factor=2.0),
        dict(rope_type="llama3", rope_theta=5e5, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
             original_max_position_embeddings=48),
        dict(rope_type="yarn", rope_theta=1e4, factor=4.0, original_max_position_embeddings=16),
        dict(rope_type="yarn", rope_theta=1e6, factor=40.0, beta_fast=8, beta_slow=2,
             original_max_position_embeddings=4096)]],
    "mistral": decoder("Mistral"),
    "mixtral": decoder("Mixtral", num_local_experts=4),
    "qwen2": decoder("Qwen2"),
    "qwen2_moe": decoder("Qwen2Moe", shared_expert_intermediate_size=56, **EXPERTS),
    "qwen3": decoder("Qwen3", head_dim=16),
    "qwen3_moe": decoder("Qwen3Moe", head_dim=16, **EXPERTS),
    "qwen3_next": decoder("Qwen3Next", head_dim=16, shared_expert_intermediate_size=56, linear_num_value_heads=4,
                          linear_num_key_heads=2, linear_key_head_dim=8, linear_value_head_dim=8, num_hidden_layers=4,
                          **EXPERTS),
    "deepseek_v3": decoder("DeepseekV3", **DEEPSEEK) + decoder("DeepseekV3", **(DEEPSEEK | dict(q_lora_rank=None)))[:1],
    "gpt_oss": decoder("GptOss", head_dim=16, num_local_experts=4, num_experts_per_tok=2),
    "gemma": decoder("Gemma", head_dim=16),
    "gemma2": decoder("Gemma2", head_dim=16),
    "gemma3_text": [(
        "Gemma3TextConfig", "Gemma3ForCausalLM", fields) for _, _, fields in decoder("Gemma3", head_dim=16)],
    "gemma3": variants("Gemma3Config", ["Gemma3ForConditionalGeneration"], dict(
        text_config=DECODER | dict(head_dim=16, pad_token_id=0), vision_config=VISION, mm_tokens_per_image=4),
        initializer_range=0.05)
    + variants("Gemma3Config", ["Gemma3ForConditionalGeneration"], dict(
        text_config=DECODER | dict(head_dim=8, pad_token_id=None, num_hidden_layers=1, attention_bias=True,
                                   initializer_range=0.03), vision_config=VISION | dict(
            num_hidden_layers=2, vision_use_head=False, hidden_size=32), mm_tokens_per_image=4,
        tie_word_embeddings=False))
    + variants("Gemma3Config", ["Gemma3Model", "Gemma3ForSequenceClassification"], dict(
        text_config=DECODER | dict(head_dim=16, num_hidden_layers=1), vision_config=VISION | dict(
            num_hidden_layers=1), mm_tokens_per_image=4)),
    "classes": [
        (config, prefix + kind, fields | dict(num_hidden_layers=1, num_labels=5))
        for prefix, config, fields in [
            (prefix, prefix + "Config", DECODER | fields) for prefix, fields in [
                ("Mistral", {}), ("Mixtral", dict(num_local_experts=2)), ("Qwen2", {}), ("Qwen3", dict(head_dim=16)),
                ("Qwen3Moe", EXPERTS | dict(num_experts=2)), ("DeepseekV3", DEEPSEEK), ("Gemma", dict(head_dim=16)),
                ("Gemma2", dict(head_dim=16)), ("Phi3", {}), ("GPTNeoX", {}),
                ("GptOss", dict(head_dim=16, num_local_experts=2))]]
        for kind in ["Model", "ForSequenceClassification", "ForTokenClassification"]]
    + [("OPTConfig", model, dict(
        hidden_size=48, num_hidden_layers=1, num_attention_heads=4, ffn_dim=80, max_position_embeddings=64,
        word_embed_proj_dim=48, pad_token_id=1, vocab_size=130)) for model in ["OPTModel", "OPTForSequenceClassification"]]
    + [(prefix + "Config", prefix + kind, ENCODER | fields | dict(num_hidden_layers=1, num_labels=4))
       for prefix, fields in [("Bert", {}), ("Roberta", dict(pad_token_id=1)), ("ModernBert", dict(
           local_attention=16, bos_token_id=0, eos_token_id=1, cls_token_id=0, sep_token_id=1))]
       for kind in ["Model", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering"]]
    + [("BertConfig", "BertForPreTraining", ENCODER | dict(num_hidden_layers=1))]
    + [("ViTConfig", "ViTModel", VISION | dict(num_hidden_layers=1))]
    + [("GPT2Config", model, GPT | dict(n_layer=1, num_labels=4)) for model in [
        "GPT2ForSequenceClassification", "GPT2ForTokenClassification"]]
    + [("Mamba2Config", "Mamba2Model", MAMBA2 | dict(num_hidden_layers=1))]
    + [("ConvNextConfig", "ConvNextModel", dict(hidden_sizes=[16, 24], depths=[1, 1], num_stages=2))]
    + [("ResNetConfig", "ResNetModel", dict(embedding_size=16, hidden_sizes=[32, 48], depths=[1, 1]))],
    "phi": decoder("Phi") + decoder("Phi", qk_layernorm=True)[:1],
    "phi3": decoder("Phi3", original_max_position_embeddings=64),
    "falcon": decoder("Falcon") + decoder("Falcon", alibi=True, bias=True, new_decoder_architecture=True)[:1],
    "bloom": variants("BloomConfig", ["BloomForCausalLM"], dict(
        hidden_size=48, n_layer=3, n_head=4, vocab_size=130, pad_token_id=3), initializer_range=0.05,
        tie_word_embeddings=False),
    "opt": variants("OPTConfig", ["OPTForCausalLM"], dict(
        hidden_size=48, num_hidden_layers=3, num_attention_heads=4, ffn_dim=80, max_position_embeddings=64,
        word_embed_proj_dim=48, pad_token_id=1, vocab_size=130), init_std=0.05, word_embed_proj_dim=32,
        tie_word_embeddings=False),
    "mpt": variants("MptConfig", ["MptForCausalLM"], dict(
        d_model=48, n_layers=3, n_heads=4, vocab_size=130, max_seq_len=64), initializer_range=0.05),
    "stablelm": decoder("StableLm") + decoder("StableLm", qk_layernorm=True, use_qkv_bias=True)[:1],
    "starcoder2": decoder("Starcoder2"),
    "nemotron": decoder("Nemotron"),
    "cohere": decoder("Cohere") + decoder("Cohere", use_qk_norm=True)[:1],
    "olmo": decoder("Olmo"),
    "olmo2": decoder("Olmo2"),
    "granite": decoder("Granite"),
    "glm4": decoder("Glm4", head_dim=16),
    "mamba": variants("MambaConfig", ["MambaForCausalLM"], dict(
        hidden_size=48, num_hidden_layers=3, state_size=8, vocab_size=130, pad_token_id=0), initializer_range=0.05,
        time_step_rank=5, time_step_min=0.002, time_step_max=0.2, time_step_floor=0.004, time_step_scale=2.0,
        rescale_prenorm_residual=True, use_bias=True, tie_word_embeddings=False)
    + variants("MambaConfig", ["MambaForCausalLM"], dict(
        hidden_size=48, num_hidden_layers=3, state_size=8, vocab_size=130, time_step_init_scheme="constant",
        use_conv_bias=False)),
    "mamba2": variants("Mamba2Config", ["Mamba2ForCausalLM"], MAMBA2, initializer_range=0.05, time_step_min=0.002,
        time_step_max=0.2, time_step_floor=0.004, rescale_prenorm_residual=True, use_bias=True, tie_word_embeddings=True),
    "falcon_mamba": variants("FalconMambaConfig", ["FalconMambaForCausalLM"], dict(
        hidden_size=48, num_hidden_layers=3, state_size=8, vocab_size=130, pad_token_id=0), initializer_range=0.05,
        tie_word_embeddings=False),
    "jamba": decoder("Jamba", **JAMBA),
    "rwkv": variants("RwkvConfig", ["RwkvForCausalLM"], dict(
        hidden_size=48, num_hidden_layers=3, attention_hidden_size=48, intermediate_size=80, context_length=64,
        vocab_size=130), attention_hidden_size=64, tie_word_embeddings=True),
    "bert": variants("BertConfig", ["BertForMaskedLM", "BertForPreTraining", "BertForSequenceClassification",
        "BertForQuestionAnswering", "BertModel"], ENCODER, initializer_range=0.05, pad_token_id=2,
        tie_word_embeddings=False),
    "roberta": variants("RobertaConfig", ["RobertaForMaskedLM", "RobertaForSequenceClassification"],
                        ENCODER | dict(pad_token_id=1), initializer_range=0.05, tie_word_embeddings=False),
    "xlm-roberta": variants("XLMRobertaConfig", ["XLMRobertaForMaskedLM"], ENCODER | dict(pad_token_id=1)),
    "deberta-v2": variants("DebertaV2Config", ["DebertaV2ForMaskedLM", "DebertaV2ForSequenceClassification"],
        ENCODER | dict(relative_attention=True, position_buckets=16, norm_rel_ebd="layer_norm", share_att_key=True,
                       pos_att_type=["p2c", "c2p"], position_biased_input=False), initializer_range=0.05,
        share_att_key=False, position_biased_input=True, conv_kernel_size=3, conv_act="gelu", embedding_size=40),
    "distilbert": variants("DistilBertConfig", ["DistilBertForMaskedLM", "DistilBertForSequenceClassification"], dict(
        dim=48, n_layers=3, n_heads=4, hidden_dim=80, max_position_embeddings=64, vocab_size=130, pad_token_id=0),
        initializer_range=0.05, sinusoidal_pos_embds=True),
    "electra": variants("ElectraConfig", ["ElectraForPreTraining", "ElectraForMaskedLM",
        "ElectraForSequenceClassification"], ENCODER | dict(embedding_size=32), initializer_range=0.05),
    "albert": variants("AlbertConfig", ["AlbertForMaskedLM", "AlbertForPreTraining"],
                       ENCODER | dict(embedding_size=32), initializer_range=0.05, pad_token_id=2),
    "modernbert": variants("ModernBertConfig", ["ModernBertForMaskedLM", "ModernBertForSequenceClassification"],
        ENCODER | dict(pad_token_id=3, local_attention=16, bos_token_id=0, eos_token_id=1, cls_token_id=0,
                       sep_token_id=1), initializer_range=0.05, initializer_cutoff_factor=3.0, norm_bias=True,
        attention_bias=True, mlp_bias=True, decoder_bias=False),
    "xlnet": variants("XLNetConfig", ["XLNetLMHeadModel", "XLNetForSequenceClassification"], dict(
        d_model=48, n_layer=3, n_head=4, d_inner=80, vocab_size=130), initializer_range=0.05),
    "t5": variants("T5Config", ["T5ForConditionalGeneration", "T5EncoderModel"], dict(
        d_model=48, d_kv=8, d_ff=80, num_layers=2, num_decoder_layers=3, num_heads=4, vocab_size=130),
        initializer_factor=0.5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
    "bart": variants("BartConfig", ["BartForConditionalGeneration", "BartForSequenceClassification", "BartModel"],
                     SEQUENCE, init_std=0.05),
    "mbart": variants("MBartConfig", ["MBartForConditionalGeneration"], SEQUENCE, init_std=0.05),
    "whisper": variants("WhisperConfig", ["WhisperForConditionalGeneration", "WhisperForAudioClassification"], dict(
        d_model=48, encoder_layers=2, decoder_layers=3, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=80, decoder_ffn_dim=72, vocab_size=130, max_source_positions=40, max_target_positions=24,
        num_mel_bins=20, pad_token_id=3, bos_token_id=1, eos_token_id=2, decoder_start_token_id=2), init_std=0.05),
    "wav2vec2": variants("Wav2Vec2Config", ["Wav2Vec2ForCTC", "Wav2Vec2ForPreTraining",
        "Wav2Vec2ForSequenceClassification"], WAV | dict(codevector_dim=16, proj_codevector_dim=16,
        num_codevectors_per_group=8), initializer_range=0.05, feat_extract_norm="layer", conv_bias=True,
        do_stable_layer_norm=True),
    "clip": variants("CLIPConfig", ["CLIPModel"], CLIP, logit_scale_init_value=1.5, initializer_factor=0.5)
    + variants("CLIPVisionConfig", ["CLIPVisionModel", "CLIPVisionModelWithProjection"], CLIP["vision_config"],
               initializer_range=0.05, initializer_factor=0.5)
    + variants("CLIPTextConfig", ["CLIPTextModel", "CLIPTextModelWithProjection"], CLIP["text_config"]),
    "siglip": variants("SiglipConfig", ["SiglipModel"], dict(
        text_config=ENCODER | dict(bos_token_id=1, eos_token_id=2, pad_token_id=1), vision_config=VISION))
    + variants("SiglipVisionConfig", ["SiglipVisionModel"], VISION),
    "vit": variants("ViTConfig", ["ViTForImageClassification", "ViTForMaskedImageModeling", "ViTModel"], VISION,
                    initializer_range=0.05, qkv_bias=False),
    "vit_mae": variants("ViTMAEConfig", ["ViTMAEForPreTraining", "ViTMAEModel"], VISION | dict(
        decoder_hidden_size=32, decoder_num_hidden_layers=2, decoder_num_attention_heads=4,
        decoder_intermediate_size=40), initializer_range=0.05),
    "deit": variants("DeiTConfig", ["DeiTForImageClassificationWithTeacher", "DeiTForImageClassification"], VISION,
                     initializer_range=0.05),
    "beit": variants("BeitConfig", ["BeitForImageClassification", "BeitForMaskedImageModeling"], VISION | dict(
        vocab_size=130), initializer_range=0.05, use_mask_token=True, use_absolute_position_embeddings=True,
        use_relative_position_bias=True, layer_scale_init_value=0.2)
    + variants("BeitConfig", ["BeitForImageClassification"], VISION | dict(
        use_shared_relative_position_bias=True, layer_scale_init_value=0.0, use_mean_pooling=False)),
    "dinov2": variants("Dinov2Config", ["Dinov2Model", "Dinov2ForImageClassification"], dict(
        hidden_size=48, num_hidden_layers=3, num_attention_heads=4, mlp_ratio=2, image_size=32, patch_size=8,
        num_labels=7), initializer_range=0.05, layerscale_value=0.3, use_swiglu_ffn=True),
    "swin": variants("SwinConfig", ["SwinForImageClassification", "SwinForMaskedImageModeling"], dict(
        embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4, image_size=32, num_labels=7),
        initializer_range=0.05, use_absolute_embeddings=True),
    "segformer": variants("SegformerConfig", ["SegformerForSemanticSegmentation", "SegformerForImageClassification"],
        dict(hidden_sizes=[8, 16], depths=[2, 1], num_encoder_blocks=2, sr_ratios=[4, 2], patch_sizes=[7, 3],
             strides=[4, 2], num_attention_heads=[1, 2], mlp_ratios=[2, 2], decoder_hidden_size=24),
        initializer_range=0.05),
    "convnext": variants("ConvNextConfig", ["ConvNextForImageClassification", "ConvNextModel"], dict(
        hidden_sizes=[16, 24, 32, 40], depths=[1, 2, 1, 1], num_labels=7), initializer_range=0.05,
        layer_scale_init_value=0.1),
    "resnet": variants("ResNetConfig", ["ResNetForImageClassification"], dict(
        embedding_size=16, hidden_sizes=[32, 48], depths=[2, 1], num_labels=7), layer_type="basic"),
}

# Small sizes under the names that most configurations have.
SMALL = DECODER | GPT | SEQUENCE | VISION | EXPERTS | WAV | dict(
    num_hidden_layers=1, n_layer=1, num_layers=1, encoder_layers=1, decoder_layers=1, num_decoder_layers=1, n_layers=1,
    pad_token_id=0, head_dim=12, num_heads=4, n_heads=4, attention_heads=4, ffn_dim=80, dim=48, hidden_dim=80,
    embed_dim=48, embedding_size=32, num_local_experts=4, n_routed_experts=4, moe_num_experts=4, n_shared_experts=1,
    n_group=1, topk_group=1, q_lora_rank=24, kv_lora_rank=16, qk_rope_head_dim=8, qk_nope_head_dim=8, v_head_dim=12,
    shared_expert_intermediate_size=56, word_embed_proj_dim=48, attention_window=8, rotary_dim=4, num_frames=4,
    tubelet_size=2, mlp_ratio=2, feat_extract_norm="layer", d_kv=8, d_ff=80, max_source_positions=40,
    max_target_positions=24, num_mel_bins=20,
)


def small(default):
    """The sizes above that a configuration has, as numbers where it has numbers."""
    def fits(name, value):
        known = getattr(default, name, None)
        return isinstance(known, (int, float, str)) or type(known) in (tuple, list) and isinstance(value, tuple)
    return {name: value for name, value in SMALL.items() if fits(name, value) or name == "pad_token_id"}


def composed(default):
    """The same of each part of a configuration, with a scale of its own."""
    scales = dict(text_config=0.03, vision_config=0.04)
    parts = {name: getattr(default, name) for name in type(default).sub_configs}
    return dict(initializer_range=0.05) | {
        name: small(part) | dict(model_type=part.model_type, initializer_range=scales.get(name, 0.06))
        for name, part in parts.items() if part is not None}


def configuration(make, fields):
    """A configuration of class `make` with `fields`; None: with the sizes above that it has."""
    if fields is None:
        fields = (composed if make.sub_configs else small)(make())
    return make(**fields)


UNET = dict(sample_size=16, block_out_channels=[32, 64], layers_per_block=1, norm_num_groups=8)

DIFFUSERS = {
    "unet_2d": [("UNet2DModel", UNET | dict(down_block_types=["DownBlock2D", "AttnDownBlock2D"],
                                            up_block_types=["AttnUpBlock2D", "UpBlock2D"]))],
    "unet_2d_condition": [("UNet2DConditionModel", UNET | dict(
        down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"], up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
        cross_attention_dim=24, attention_head_dim=8))],
    "autoencoder_kl": [("AutoencoderKL", dict(
        block_out_channels=[32, 64], down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2, norm_num_groups=8))],
    "dit": [("DiTTransformer2DModel", dict(
        num_attention_heads=4, attention_head_dim=8, num_layers=2, sample_size=8, norm_num_groups=8))],
    "pixart": [("PixArtTransformer2DModel", dict(
        num_attention_heads=4, attention_head_dim=8, num_layers=2, sample_size=8, cross_attention_dim=32,
        caption_channels=24, norm_num_groups=8))],
    "flux": [("FluxTransformer2DModel", dict(
        num_layers=2, num_single_layers=2, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=24,
        pooled_projection_dim=20, axes_dims_rope=[4, 6, 6], in_channels=16)),
        ("FluxTransformer2DModel", dict(
        num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=24,
        pooled_projection_dim=20, axes_dims_rope=[4, 6, 6], in_channels=16, guidance_embeds=True))],
    "sd3": [("SD3Transformer2DModel", dict(
        sample_size=16, patch_size=2, num_layers=2, attention_head_dim=8, num_attention_heads=4,
        joint_attention_dim=24, caption_projection_dim=32, pooled_projection_dim=20, pos_embed_max_size=12))],
    "controlnet": [("ControlNetModel", dict(
        block_out_channels=[32, 64], down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"], layers_per_block=1,
        cross_attention_dim=24, norm_num_groups=8, attention_head_dim=8))],
}

TIMM = {
    "timm_resnet": [("resnet18", dict(num_classes=7)), ("resnet50", dict(num_classes=7, zero_init_last=False)),
                    ("resnet26d", dict(num_classes=7)), ("seresnet50", dict(num_classes=7))],
    "timm_vit": [("vit_tiny_patch16_224", dict(img_size=32, embed_dim=48, depth=2, num_heads=4, num_classes=7)),
                 ("vit_tiny_patch16_224", dict(img_size=32, embed_dim=48, depth=2, num_heads=4, num_classes=7,
                                               weight_init="jax")),
                 ("vit_tiny_patch16_224", dict(img_size=32, embed_dim=48, depth=2, num_heads=4, num_classes=7,
                                               weight_init="jax_nlhb")),
                 ("vit_tiny_patch16_224", dict(img_size=32, embed_dim=48, depth=2, num_heads=4, num_classes=7,
                                               weight_init="moco", init_values=1e-5, class_token=False,
                                               global_pool="avg")),
                 ("vit_small_patch14_reg4_dinov2", dict(img_size=56, embed_dim=48, depth=2, num_heads=4,
                                                        num_classes=7)),
                 ("deit_tiny_distilled_patch16_224", dict(img_size=32, embed_dim=48, depth=2, num_heads=4,
                                                          num_classes=7))],
    "timm_convnext": [("convnext_atto", dict(num_classes=7)), ("convnextv2_atto", dict(num_classes=7))],
    "timm_efficientnet": [("efficientnet_b0", dict(num_classes=7)), ("mobilenetv3_small_100", dict(num_classes=7)),
                          ("efficientnetv2_rw_t", dict(num_classes=7))],
    "timm_swin": [("swin_tiny_patch4_window7_224", dict(
        img_size=56, embed_dim=16, depths=(2, 2), num_heads=(2, 4), num_classes=7))],
    "timm_densenet": [("densenet121", dict(num_classes=7))],
    "timm_vgg": [("vgg11_bn", dict(num_classes=7))],
    "timm_mixer": [("mixer_s32_224", dict(img_size=64, num_classes=7))],
    "timm_regnet": [("regnety_002", dict(num_classes=7))],
    "timm_beit": [("beit_base_patch16_224", dict(
        img_size=32, embed_dim=48, depth=2, num_heads=4, num_classes=7))],
}

TORCHVISION = {
    "tv_resnet": [("resnet18", dict(num_classes=7)), ("resnet50", dict(num_classes=7, zero_init_residual=True)),
                  ("wide_resnet50_2", dict(num_classes=7)), ("resnet18", dict(num_classes=7, zero_init_residual=True))],
    "tv_efficientnet": [("efficientnet_b0", dict(num_classes=7)), ("efficientnet_v2_s", dict(num_classes=7))],
    "tv_mobilenet": [("mobilenet_v2", dict(num_classes=7)), ("mobilenet_v3_small", dict(num_classes=7))],
    "tv_densenet": [("densenet121", dict(num_classes=7))],
    "tv_vgg": [("vgg11", dict(num_classes=7)), ("vgg11_bn", dict(num_classes=7))],
    "tv_convnext": [("convnext_tiny", dict(num_classes=7))],
    "tv_swin": [("swin_t", dict(num_classes=7)), ("swin_v2_t", dict(num_classes=7))],
    "tv_vit": [("VisionTransformer", dict(image_size=32, patch_size=8, num_layers=2, num_heads=4, hidden_dim=48,
                                          mlp_dim=80, num_classes=7)),
               ("VisionTransformer", dict(image_size=32, patch_size=8, num_layers=2, num_heads=4, hidden_dim=48,
                                          mlp_dim=80, num_classes=7, representation_size=24))],
    "tv_regnet": [("regnet_y_400mf", dict(num_classes=7))],
    "tv_shufflenet": [("shufflenet_v2_x0_5", dict(num_classes=7))],
    "tv_squeezenet": [("squeezenet1_1", dict(num_classes=7))],
    "tv_mnasnet": [("mnasnet0_5", dict(num_classes=7))],
    "tv_alexnet": [("alexnet", dict(num_classes=7))],
}
