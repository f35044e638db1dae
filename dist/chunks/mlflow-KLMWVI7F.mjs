import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{importOf}from"./chunk-JVRYCKOM.mjs";import{withLineFeeds}from"./chunk-E3CZUSDA.mjs";import{wholeText}from"./chunk-KZE7TC4U.mjs";import{reportOnce}from"./chunk-F3C6KA4O.mjs";import"./chunk-RWZHCES7.mjs";import{judge}from"./chunk-CXRXPTHQ.mjs";import{parseDocument}from"./chunk-H4NCI4XW.mjs";import"./chunk-PLGI4CXG.mjs";var ARCHITECTURES=new Set(`
  AST AXK1 AXK2 Afmoe Aimv2 Albert Align AltCLIP Apertus Apertus1p5 Apertus1p5Text Arcee Aria AriaText
  AudioFlamingo3 AudioFlamingo3Encoder Auto Autoformer Aya AyaVision BailingHybrid Bamba Bark Bart Beam Beit
  Bert BigBird BigBirdPegasus BioGpt Bit BitNet Blenderbot BlenderbotSmall Blip Blip2 Blip2QFormer Bloom Blt
  BridgeTower Bros CHMv2 CLIP CLIPSeg CTRL Camembert Canary Canine Chameleon ChineseCLIP Clap Clvp CodeGen
  Cohere Cohere2 Cohere2Moe Cohere2Vision CohereAsr CohereCompass CohereCompassText ColModernVBert ColPali
  ColQwen2 ConditionalDetr ConvBert ConvNext ConvNextV2 Cosmos3Edge Cosmos3Omni CpmAnt Csm Cvt Cwm DFine
  DINOv3ConvNext DINOv3ViT DPRQuestionEncoder DPT DabDetr Dac Data2Vec Data2VecAudio Data2VecText
  Data2VecVision Dbrx Deberta DebertaV2 DecisionTransformer DeepseekOcr2 DeepseekV2 DeepseekV3 DeepseekV32
  DeepseekV4 DeepseekVL DeepseekVLHybrid DeformableDetr DeiT Deimv2 DepthAnything DepthPro Detr Dia
  DiffLlama DiffusionGemma Dinat Dinov2 Dinov2WithRegisters DistilBert Doge DonutSwin Dory Dots1 Dots3Note
  EdgeTam EdgeTamVideo EfficientLoFTR EfficientNet Electra EmbeddingGemma2 Emu3 Encodec Encoder Eomt
  EomtDinov3 Ernie Ernie4_5 Ernie4_5_Moe Ernie4_5_VLMoe Esm Esmc EuroBert Evolla Exaone4 Exaone4_5_
  ExaoneMoe FNet FSMT Falcon FalconH1 FalconMamba FastSpeech2Conformer FastSpeech2ConformerWithHifiGan
  FastVlm Flaubert Flava FlexOlmo Flint Florence2 FocalNet FunAsrNano FunAsrNanoEncoder Funnel Fuyu GLPN
  GPT2 GPTBigCode GPTJ GPTNeo GPTNeoX GPTNeoXJapanese Gemma Gemma2 Gemma3 Gemma3Text Gemma3n
  Gemma3nAudioEncoder Gemma4 Gemma4Assistant Gemma4Audio Gemma4Unified Gemma4UnifiedAssistant Git Glm Glm4
  Glm46V Glm4Moe Glm4MoeLite Glm4v Glm4vMoe Glm5Next GlmAsr GlmAsrEncoder GlmImage GlmImageVQVAE GlmMoeDsa
  GlmOcr GotOcr2 GptOss GradiumPhononTTS Granite Granite4 Granite4Vision GraniteDocling GraniteMoe
  GraniteMoeHybrid GraniteMoeSWA GraniteMoeShared GraniteSWA GraniteSpeech GraniteSpeech5
  GraniteSpeech5Encoder GraniteSpeechPlus GroundingDino GroupViT Gte HGNetV2 HYV3 HYV4 HYV4VL Helium Hiera
  HiggsAudioV2 HiggsAudioV2Tokenizer Hrm HrmText Hubert HunYuanDenseV1 HunYuanMoEV1 HunYuanVL
  HunYuanVLVisionTransformer HyperCLOVAX HyperCLOVAXVisionV2 IBert IJepa Idefics Idefics2 Idefics3
  Idefics3VisionTransformer ImageGPT Informer Inkling Inkling2 Inkling2Loop InstructBlip InstructBlipVideo
  InternVL Jais2 Jamba Janus JetMoe Jev JinaEmbeddingsV3 KimiLinear Kimi_K25 Kolibri1 Kosmos2 Kosmos2_5
  KyutaiSpeechTo KyutaiSpeechToText LED Laguna LaraMini Lasr LasrEncoder LayoutLM LayoutLMv2 LayoutLMv3
  Levit Lfm2 Lfm2Moe Lfm2Vl Lfm3 Lfm3Vl LightGlue LightOnOcr Lilt Llama Llama4 Llava LlavaNext
  LlavaNextVideo LlavaOnevision LongT5 LongcatFlash Longformer Luke LwDetr LwDetrViT Lxmert M2M100 MBart
  MLCD MMGroundingDino MPNet MT5 Mamba Mamba2 Marian MarianMT MarkupLM Mask2Former MaskFormer MaskFormerSwin
  MegatronBert Mellum MetaClip2 Mgpstr MiMoV2Flash Mimi MiniCPM3 MiniCPMOcr MiniCPMV4_6 MiniCPMV4_7 MiniMax
  MiniMaxM2 MiniMaxM3Sparse MiniMaxM3VL Ministral Ministral3 Mistral Mistral3 Mistral4 MistralLarge4 Mixtral
  Mllama MobileBert MobileNetV1 MobileNetV2 MobileViT MobileViTV2 ModernBert ModernBertDecoder ModernVBert
  Molmo2 Moonshine MoonshineStreaming Moshi MossTranscribeDiarize MossTranscribeDiarizeAudio Mpt Mra
  MuseGlimmer MuseGlimmerAssistant MuseSpark MuseSparkAudio MusicFlamingo Musicgen MusicgenMelody Mvp
  NanoChat Nemotron Nemotron3Diarization Nemotron3DiarizationAudio Nemotron3_5Asr Nemotron3_5Transcribe
  Nemotron3_5TranscribeAsrAudio Nemotron3_5TranscribeAudio Nemotron3_5TranscribeWordTimestamp
  NemotronAsrStreaming NemotronAsrStreamingEncoder NemotronH NemotronH_Omni_Reasoning_V3 NeoMME NeuCodec
  NllbMoe NomicBert Nystromformer OPT Olmo Olmo2 Olmo3 OlmoHybrid Olmoe OmDetTurbo OmniASR OmniASRAudio
  OmniASRCTC OneFormer OpenAIGPT OpenAIPrivacyFilter Ovis2 OwlViT Owlv2 PI0 PLBart PPDocLayoutV2
  PPDocLayoutV3 PPDocLayoutV4 PPFormulaNet PPLCNet PPLCNetV3 PPLCNetV4 PPOCRV5MobileDet PPOCRV5MobileRec
  PPOCRV5ServerDet PPOCRV5ServerRec PPOCRV6MediumDet PPOCRV6SmallDet PPOCRV6SmallRec PPOCRV6TinyRec
  PaddleOCRVL PaliGemma Parakeet ParakeetEncoder PatchTSMixer PatchTST PeAudio PeAudioEncoder PeAudioVideo
  PeAudioVideoEncoder PeVideo PeVideoEncoder Pegasus PegasusX Perceiver PerceptionLM Persimmon Phi Phi3
  Phi4Multimodal Phimoe Pix2Struct Pixio Pixtral PocketTTS PocketTTSAudioTokenizer PoolFormer Pop2Piano
  PromptDepthAnything ProphetNet Pvt PvtV2 QianfanOCR Qwen2 Qwen2Audio Qwen2AudioEncoder Qwen2Moe Qwen2VL
  Qwen2_5Omni Qwen2_5OmniThinker Qwen2_5_VL Qwen2_5_VisionTransformerPretrained Qwen3 Qwen3ASR
  Qwen3ASREncoder Qwen3Moe Qwen3Next Qwen3OmniMoe Qwen3OmniMoeThinker Qwen3VL Qwen3VLMoe Qwen3_5 Qwen3_5Moe
  Qwen3_5Text Qwen4Exp RTDetr RTDetrResNet RTDetrV2 Radio RecurrentGemma Reformer RegNet RemBert ResNet
  RfDetr RfDetrDinov2 RoCBert RoFormer Roberta RobertaPreLayerNorm Rwkv SEW SEWD SLANeXt SLANet Sam Sam2
  Sam2HieraDet Sam2Video Sam3 Sam3Lite Sam3Tracker Sam3TrackerVideo Sam3ViT Sam3Video SamHQ Sapiens2
  SeamlessM4T SeamlessM4Tv2 SeedOss SegGpt Segformer ShieldGemma2 Siglip Siglip2 SmolLM3 SmolVLM
  SmolVLMVisionTransformer SolarOpen Speech Speech2 Speech2Text SpeechT5 Splinter SqueezeBert StableLm
  Starcoder2 Step3p7 SuperGlue SuperPoint SwiftFormer Swin Swin2SR Swinv2 SwitchTransformers T5 T5Gemma
  T5Gemma2 T5Gemma2Encoder TableTransformer Tapas TextNet TimeSeriesTransformer TimesFm TimesFm2_5
  Timesformer Timm TimmWrapper Tipsv2 Tipsv2Dpt TrOCR Tvp UMT5 UVDoc Udop UltraVBert Ultrabert UniSpeech
  UniSpeechSat UnivNet UnlimitedOcr UperNet VJEPA2 VaultGemma ViT ViTMAE ViTMSN VibeVoice
  VibeVoiceAcousticTokenizer VibeVoiceAsr VideoLlama3 VideoLlava VideoMAE VideoPrism VideoPrismClip Videomt
  Vilt VipLlava Vision VisionTextDual VisualBert VitDet VitMatte VitPose Vits Vivit Voxtral VoxtralEncoder
  VoxtralRealtime VoxtralRealtimeEncoder Wav2Vec2 Wav2Vec2Bert Wav2Vec2Conformer WavLM WavTokenizer Whisper
  XCLIP XGLM XLM XLMRoberta XLMRobertaXL XLNet Xcodec Xcodec2 Xmod Yolos Yoso Youtu Zamba Zamba2 Zaya
  ZoeDepth`.trim().split(/\s+/)),PURPOSE=/(?:For[A-Z]\w*|(?:Base|Text|LMHead|DoubleHeads|Encoder|Decoder|Vision|Generation|WithLMHead|Thinker|Reverse)*(?:Model|Backbone)\w*|LMHead\w*|Generation\w*)$/,OF_TENSORFLOW=/^(?:TF|Flax)(?=[A-Z])/,AUTO=/^(?:TF|Flax)?Auto[A-Z]\w*$/;function isModelOfTransformers(name){if(AUTO.test(name))return!0;let plain=name.replace(OF_TENSORFLOW,"");if(ARCHITECTURES.has(plain))return!0;let purpose=PURPOSE.exec(plain);return purpose!==null&&ARCHITECTURES.has(plain.slice(0,purpose.index))}var MOST_BYTES=1e6,PATHS=new Set("code data model_path pickled_model python_model model_data model_binary model_local_base conda virtualenv path".split(" ")),OUTSIDE=/^[/\\]|^[a-z][a-z0-9+.-]*:|(?:^|[/\\])\.\.(?:[/\\]|$)/i,MODULES=/^(?:mlflow\.pytorch\.pickle_module|pickle|(?:tensorflow\.|tensorflow\.python\.)?keras|tf_keras)$/,CLASSES=/^(?:xgboost|lightgbm|catboost|pyspark\.ml)\.[\w.]+$/;async function scanMlmodel(input,context){let report=reportOnce(context.report),text=await wholeText(input,MOST_BYTES);if(text===void 0){let what=`The description of the model has more than ${MOST_BYTES.toLocaleString("en-US")} bytes.`;report({rule:"cannot-look-into",offset:null,what});return}let document=parseDocument(withLineFeeds(text),{version:"1.1",merge:!0,uniqueKeys:!0}),[broken]=document.errors;if(broken){let what=`The description of the model is no plain YAML: ${broken.message.split(`
`,1)[0]}`;report({rule:"unreadable",offset:broken.pos[0],what});return}let judgeValue=(key,value)=>{if(typeof value=="string")judgeText(key,value,report);else if(key==="skops_trusted_types"&&Array.isArray(value))judgeTrusted(value,report);else if(Array.isArray(value))for(let one of value)judgeValue("",one);else if(value!==null&&typeof value=="object")for(let[name,one]of Object.entries(value))judgeValue(name,one)},flavors=document.toJS({maxAliasCount:100})?.flavors;judgeValue("",flavors);for(let flavor of Object.values(flavors??{}))judgeHub(flavor,report)}function judgeHub(flavor,report){if(flavor===null||typeof flavor!="object")return;let{pipeline_model_type:type,source_model_name:source}=flavor;if(typeof type!="string"||typeof source!="string"||isModelOfTransformers(type))return;let shown=JSON.stringify(source.slice(0,200)),what=`\`${type.slice(0,200)}\` is no model of transformers: its code is taken from ${shown} and run.`;report({rule:"named-code",offset:null,what,name:type})}function judgeText(key,value,report){let shown=JSON.stringify(value.slice(0,200));if(key==="loader_module"&&!/^mlflow(?:\.\w+)*$/.test(value)){let name=`${value}._load_pyfunc`;report({rule:"named-code",offset:null,what:`\`${name}\` is imported and called.`,name})}if(key==="code"){let what=`\`mlflow.code\`: Python files of the folder ${shown} are imported before all others.`;report({rule:"named-code",offset:null,what,name:"mlflow.code"})}if(key==="model_code_path"){let what=`\`mlflow.model_code_path\`: the Python file ${shown} is run.`;report({rule:"named-code",offset:null,what,name:"mlflow.model_code_path"})}key==="keras_module"&&judgeModule(value,report),key==="model_class"&&!CLASSES.test(value)&&report({rule:"named-code",offset:null,what:`\`${value}\` is imported and called.`,name:value}),PATHS.has(key)&&OUTSIDE.test(value)&&report({rule:"external-data",offset:null,what:`The description names ${shown} as its ${key}.`})}function judgeTrusted(types,report){for(let type of types){let danger=judge(importOf(String(type)));if(!danger)continue;let what=`\`${String(type)}\` is trusted, which ${danger.what}.`;report({rule:"named-code",offset:null,what,name:String(type)})}}async function scanModuleName(input,{report}){let text=await wholeText(input,1e3);judgeModule(text?.trim()??"a name of more than 1,000 bytes",report)}function judgeModule(module,report){if(MODULES.test(module))return;let name=`${module}.load`;report({rule:"named-code",offset:null,what:`\`${name}\` is imported, to load the model.`,name})}export{scanMlmodel,scanModuleName};
