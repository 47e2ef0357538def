// Models as the Hub shows them, with config.json files as their owners wrote them, cut to the fields that matter.
import { type HubModel, safetensors } from './hub-server.ts'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const tensor = (dtype: string, shape: number[], size: number) => ({
  dtype,
  shape,
  bytes: shape.reduce((product, length) => product * length, size),
})

export const small: HubModel = {
  id: 'example/small-llama',
  sha: 'a1'.repeat(20),
  pipelineTag: 'text-generation',
  licence: 'apache-2.0',
  files: {
    'README.md': Buffer.from('# Small\n'),
    'config.json': json({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: 64,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      vocab_size: 128,
      max_position_embeddings: 2048,
      torch_dtype: 'bfloat16',
    }),
    'tokenizer_config.json': json({ chat_template: '{{ messages }}', model_max_length: 2048 }),
    'model.safetensors': safetensors({
      'model.embed_tokens.weight': tensor('BF16', [128, 64], 2),
      'model.layers.0.self_attn.q_proj.weight': tensor('BF16', [64, 64], 2),
      'lm_head.weight': tensor('F32', [128, 64], 4),
    }),
    'pytorch_model.bin': Buffer.alloc(64),
  },
}

export const sharded: HubModel = {
  ...small,
  id: 'example/sharded',
  sha: 'b2'.repeat(20),
  files: {
    'config.json': small.files['config.json'] ?? Buffer.alloc(0),
    'model.safetensors.index.json': json({
      metadata: { total_size: 8192 * 2 },
      weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
    }),
    'model-00001-of-00002.safetensors': safetensors({ a: tensor('BF16', [64, 64], 2) }),
    'model-00002-of-00002.safetensors': safetensors({ b: tensor('BF16', [64, 64], 2) }),
    'consolidated.safetensors': safetensors({ a: tensor('BF16', [64, 128], 2) }),
  },
}

export const gatedModel: HubModel = {
  ...small,
  id: 'example/gated',
  sha: 'c3'.repeat(20),
  licence: 'llama3.1',
  gated: 'manual',
}

export const pickle: HubModel = {
  ...small,
  id: 'example/pickle',
  files: { 'config.json': small.files['config.json'] ?? Buffer.alloc(0), 'pytorch_model.bin': Buffer.alloc(64) },
}

export const remoteCode: HubModel = {
  ...small,
  id: 'example/own-code',
  files: {
    ...small.files,
    'config.json': json({
      ...(JSON.parse(String(small.files['config.json'])) as object),
      architectures: ['HomemadeForCausalLM'],
      auto_map: { AutoModelForCausalLM: 'modeling_homemade.HomemadeForCausalLM' },
    }),
  },
}

export const onnxOnly: HubModel = {
  ...small,
  id: 'example/onnx-only',
  files: { 'config.json': small.files['config.json'] ?? Buffer.alloc(0), 'onnx/model.onnx': Buffer.alloc(64) },
}

/** Tensors that no engine keeps: a tied output layer, and layers that only predict further tokens, named in two ways. */
export const withSpares: HubModel = {
  ...small,
  id: 'example/with-spares',
  files: {
    'config.json': json({
      ...(JSON.parse(String(small.files['config.json'])) as object),
      tie_word_embeddings: true,
      num_nextn_predict_layers: 1,
    }),
    'hf_quant_config.json': json({ quantization: { quant_algo: 'FP8', kv_cache_quant_algo: 'FP8' } }),
    'model.safetensors': safetensors({
      'model.embed_tokens.weight': tensor('BF16', [128, 64], 2),
      'model.layers.1.self_attn.q_proj.weight': tensor('BF16', [64, 64], 2),
      'model.layers.2.self_attn.q_proj.weight': tensor('BF16', [64, 64], 2),
      'mtp.layers.0.self_attn.q_proj.weight': tensor('BF16', [64, 64], 2),
      'lm_head.weight': tensor('BF16', [128, 64], 2),
    }),
  },
}

/** A kind of layer that came after this was written. */
export const oddAttention: HubModel = {
  ...small,
  id: 'example/odd-attention',
  files: {
    ...small.files,
    'config.json': json({
      ...(JSON.parse(String(small.files['config.json'])) as object),
      layer_types: ['full_attention', 'quantum_attention'],
    }),
  },
}

export const withConfig = (id: string, config: object): HubModel => ({
  ...small,
  id,
  files: { ...small.files, 'config.json': json(config) },
})

/** Two of four experts a token, beside one that all tokens pass. */
export const mixture: HubModel = {
  ...small,
  id: 'example/mixture',
  files: {
    'config.json': json({
      ...(JSON.parse(String(small.files['config.json'])) as object),
      num_experts: 4,
      num_experts_per_tok: 2,
    }),
    'model.safetensors': safetensors({
      'model.embed_tokens.weight': tensor('BF16', [128, 64], 2),
      'model.layers.0.mlp.gate.weight': tensor('BF16', [4, 64], 2),
      'model.layers.0.mlp.shared_expert.up_proj.weight': tensor('BF16', [64, 64], 2),
      ...Object.fromEntries(
        [0, 1, 2, 3].map((expert) => [
          `model.layers.0.mlp.experts.${expert}.up_proj.weight`,
          tensor('BF16', [64, 64], 2),
        ]),
      ),
    }),
  },
}

export const oddLicence: HubModel = { ...small, id: 'example/odd-licence', licence: 'cc-by-nc-4.0' }

/** Families whose config.json says things in other ways; figures of the committed locks of the same models. */
export const families = {
  gpt2: {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    n_ctx: 1024,
    n_embd: 768,
    n_head: 12,
    n_layer: 12,
    n_positions: 1024,
    vocab_size: 50257,
  },
  'gemma-3-4b-it': {
    architectures: ['Gemma3ForConditionalGeneration'],
    model_type: 'gemma3',
    text_config: {
      hidden_size: 2560,
      intermediate_size: 10240,
      model_type: 'gemma3_text',
      num_hidden_layers: 34,
      sliding_window: 1024,
    },
    vision_config: { hidden_size: 1152, num_hidden_layers: 27 },
  },
  'gpt-oss-20b': {
    architectures: ['GptOssForCausalLM'],
    model_type: 'gpt_oss',
    head_dim: 64,
    hidden_size: 2880,
    layer_types: Array.from({ length: 24 }, (_, layer) => (layer % 2 === 0 ? 'sliding_attention' : 'full_attention')),
    max_position_embeddings: 131072,
    num_attention_heads: 64,
    num_experts_per_tok: 4,
    num_hidden_layers: 24,
    num_key_value_heads: 8,
    num_local_experts: 32,
    quantization_config: { quant_method: 'mxfp4' },
    sliding_window: 128,
    vocab_size: 201088,
  },
  'qwen3-30b-a3b': {
    architectures: ['Qwen3MoeForCausalLM'],
    model_type: 'qwen3_moe',
    head_dim: 128,
    hidden_size: 2048,
    max_position_embeddings: 40960,
    num_attention_heads: 32,
    num_experts: 128,
    num_experts_per_tok: 8,
    num_hidden_layers: 48,
    num_key_value_heads: 4,
    sliding_window: null,
    use_sliding_window: false,
    vocab_size: 151936,
  },
  'bge-small-en': {
    architectures: ['BertModel'],
    model_type: 'bert',
    hidden_size: 384,
    max_position_embeddings: 512,
    num_attention_heads: 12,
    num_hidden_layers: 12,
    vocab_size: 30522,
  },
} as const
