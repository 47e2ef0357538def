// Repositories of every kind that is not served, in the shapes of real ones (named beside each), and the line that says so.
import { assert, describe } from '../../../test/spec.ts'
import { describeModel, type Wanted } from '../../hub/describe-model.ts'
import { HubProblem } from '../../hub/hub-problem.ts'
import { patience, patientFetch } from '../../hub/patient-fetch.ts'
import { type HubModel, safetensors, startHub } from './hub-server.ts'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const file = Buffer.alloc(64)
const weights = safetensors({ w: { dtype: 'F32', shape: [64, 64], bytes: 64 * 64 * 4 } })
const readme = { '.gitattributes': file, 'README.md': file }
const tokenizer = { 'tokenizer.json': json({}), 'tokenizer_config.json': json({}) }

/** An encoder's config.json; the numbers are those of a small BERT. */
const config = (architecture: string, more: object = {}): Buffer =>
  json({
    architectures: [architecture],
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    vocab_size: 128,
    max_position_embeddings: 512,
    ...more,
  })

const repository = (name: string, files: HubModel['files'], more: Partial<HubModel> = {}): HubModel => ({
  id: `example/${name}`,
  sha: 'e5'.repeat(20),
  licence: 'apache-2.0',
  library: 'transformers',
  files: { ...readme, ...files },
  ...more,
})

async function ask(model: HubModel, wanted: Wanted = {}): Promise<string> {
  const hub = await startHub([model])
  try {
    const fetch = patientFetch(hub.url, { ...patience, firstWaitMs: 5, totalMs: 5000, timeoutMs: 1000 })
    const lock = await describeModel({ url: hub.url, fetch }, model.id, 'main', wanted)
    return `locked ${lock.architectures[0]}`
  } catch (error) {
    assert.instance(error, HubProblem)
    const { rule, message, hint } = error as HubProblem
    assert.not.match(message + hint, /undefined|null|\n|GPU/)
    assert.ok(hint.length > 15, hint)
    return `${rule}: ${message.replace(model.id, '')} -> ${hint}`
  } finally {
    await hub.stop()
  }
}

const whole = { 'config.json': config('BertModel'), 'model.safetensors': weights, ...tokenizer }

describe('a repository that is not served', (test) => {
  const cases: [string, HubModel, RegExp][] = [
    // stabilityai/stable-diffusion-xl-base-1.0
    [
      'diffusers',
      repository(
        'sdxl',
        {
          'model_index.json': json({ _class_name: 'StableDiffusionXLPipeline' }),
          'unet/config.json': json({}),
          'unet/diffusion_pytorch_model.safetensors': weights,
        },
        { library: 'diffusers', pipelineTag: 'text-to-image', licence: 'openrail++' },
      ),
      /^not-served: +generates images \(diffusers\)/,
    ],
    // without library and tag
    [
      'diffusers by its files',
      repository('pipeline', { 'model_index.json': json({}), 'vae/model.safetensors': weights }),
      /^not-served: +generates images/,
    ],
    // Lightricks/LTX-Video
    [
      'video',
      repository('video', { 'ltx.safetensors': weights }, { pipelineTag: 'text-to-video', library: 'diffusers' }),
      /generates video/,
    ],
    // openai/whisper-large-v3
    [
      'speech recognition',
      repository(
        'whisper',
        {
          ...tokenizer,
          'config.json': config('WhisperForConditionalGeneration', { is_encoder_decoder: true }),
          'model.safetensors': weights,
        },
        { pipelineTag: 'automatic-speech-recognition' },
      ),
      /^not-served: +turns speech into text.*vllm\[audio\]/,
    ],
    [
      'speech recognition without a tag',
      repository('asr', {
        ...tokenizer,
        'config.json': config('WhisperForConditionalGeneration', { is_encoder_decoder: true }),
        'model.safetensors': weights,
      }),
      /encoder–decoder .* that turns speech into text.*vllm\[audio\]/,
    ],
    // canopylabs/orpheus-3b-0.1-ft: a Llama that writes codes of sounds
    [
      'speech synthesis',
      repository(
        'orpheus',
        { ...tokenizer, 'config.json': config('LlamaForCausalLM'), 'model.safetensors': weights },
        { pipelineTag: 'text-to-speech' },
      ),
      /turns text into speech/,
    ],
    // hexgrad/Kokoro-82M
    [
      'speech synthesis as a pickle',
      repository('kokoro', { 'config.json': json({}), 'kokoro.pth': file }, { pipelineTag: 'text-to-speech' }),
      /turns text into speech/,
    ],
    // google/flan-t5-base, google-t5/t5-small
    [
      'T5',
      repository(
        't5',
        {
          ...tokenizer,
          'config.json': config('T5ForConditionalGeneration', { is_encoder_decoder: true, model_type: 't5' }),
          'model.safetensors': weights,
        },
        { pipelineTag: 'translation' },
      ),
      /is an encoder–decoder \(T5ForConditionalGeneration\).* -> choose a decoder-only model/,
    ],
    [
      'T5 as text-generation',
      repository(
        'flan',
        {
          ...tokenizer,
          'config.json': config('T5ForConditionalGeneration', { is_encoder_decoder: true }),
          'model.safetensors': weights,
        },
        { pipelineTag: 'text-generation' },
      ),
      /encoder–decoder/,
    ],
    // facebook/bart-large-cnn
    [
      'BART',
      repository(
        'bart',
        {
          ...tokenizer,
          'config.json': config('BartForConditionalGeneration', { is_encoder_decoder: true }),
          'model.safetensors': weights,
        },
        { pipelineTag: 'summarization' },
      ),
      /encoder–decoder/,
    ],
    // bartowski/Meta-Llama-3.1-8B-Instruct-GGUF
    [
      'GGUF alone',
      repository(
        'gguf',
        { 'Llama-Q4_K_M.gguf': file },
        { pipelineTag: 'text-generation', tags: ['gguf', 'base_model:quantized:meta-llama/Llama-3.1-8B-Instruct'] },
      ),
      /only GGUF files.* -> choose what it was made from: npm run new -- meta-llama\/Llama-3\.1-8B-Instruct$/,
    ],
    [
      'GGUF beside config.json',
      repository('gguf2', { 'config.json': json({ model_type: 'llama' }), 'model.gguf': file }, { library: 'gguf' }),
      /only GGUF files.*choose a revision or a repository with safetensors/,
    ],
    // mlx-community/Qwen3-8B-4bit
    [
      'MLX',
      repository(
        'mlx',
        {
          ...tokenizer,
          'config.json': config('Qwen3ForCausalLM', {
            quantization: { group_size: 64, bits: 4 },
            quantization_config: { group_size: 64, bits: 4 },
          }),
          'model.safetensors': weights,
        },
        { library: 'mlx', pipelineTag: 'text-generation', base: 'Qwen/Qwen3-8B' },
      ),
      /packed for MLX.*npm run new -- Qwen\/Qwen3-8B/,
    ],
    // tloen/alpaca-lora-7b
    [
      'an adapter',
      repository(
        'lora',
        { 'adapter_config.json': json({ peft_type: 'LORA' }), 'adapter_model.safetensors': weights, ...tokenizer },
        { library: 'peft', base: 'meta-llama/Llama-2-7b-hf', pipelineTag: 'text-generation' },
      ),
      /is an adapter \(PEFT\) of meta-llama\/Llama-2-7b-hf, not a whole model -> merge it/,
    ],
    // google-bert/bert-base-uncased
    [
      'a masked language model',
      repository(
        'bert',
        { ...tokenizer, 'config.json': config('BertForMaskedLM'), 'model.safetensors': weights },
        { pipelineTag: 'fill-mask' },
      ),
      /fills gaps in a text \(BertForMaskedLM\)/,
    ],
    // dslim/bert-base-NER
    [
      'labels of words',
      repository(
        'ner',
        { ...tokenizer, 'config.json': config('BertForTokenClassification'), 'model.safetensors': weights },
        { pipelineTag: 'token-classification' },
      ),
      /labels the words/,
    ],
    // deepset/roberta-base-squad2
    [
      'answers in a text',
      repository(
        'squad',
        { ...tokenizer, 'config.json': config('RobertaForQuestionAnswering'), 'model.safetensors': weights },
        { pipelineTag: 'question-answering' },
      ),
      /marks answers/,
    ],
    // openai/clip-vit-base-patch32
    [
      'CLIP',
      repository(
        'clip',
        { ...tokenizer, 'config.json': config('CLIPModel'), 'model.safetensors': weights },
        { pipelineTag: 'zero-shot-image-classification' },
      ),
      /classifies images/,
    ],
    [
      'CLIP without a tag',
      repository('clip2', { ...tokenizer, 'config.json': config('CLIPModel'), 'model.safetensors': weights }),
      /embeds images and texts together/,
    ],
    // google/vit-base-patch16-224
    [
      'images in classes',
      repository(
        'vit',
        { 'config.json': config('ViTForImageClassification'), 'model.safetensors': weights },
        { pipelineTag: 'image-classification' },
      ),
      /classifies images/,
    ],
    // Qwen/Qwen3-Reranker-0.6B
    [
      'a reranker without a classifier',
      repository(
        'ranker',
        { ...tokenizer, 'config.json': config('Qwen3ForCausalLM'), 'model.safetensors': weights },
        { pipelineTag: 'text-ranking' },
      ),
      /ranks with the output layer of a language model.*bge-reranker-v2-m3/,
    ],
    // sentence-transformers/static-retrieval-mrl-en-v1
    [
      'static embeddings',
      repository(
        'static',
        { 'modules.json': json([]), '0_StaticEmbedding/model.safetensors': weights },
        { library: 'sentence-transformers', pipelineTag: 'sentence-similarity' },
      ),
      /without a transformer at its root/,
    ],
    // sentence-transformers/gtr-t5-base
    [
      'an encoder that no engine has',
      repository(
        'gtr',
        {
          ...tokenizer,
          'modules.json': json([]),
          'config.json': config('T5EncoderModel'),
          'model.safetensors': weights,
        },
        { library: 'sentence-transformers', pipelineTag: 'sentence-similarity' },
      ),
      /is a T5EncoderModel, with which no engine here does sentence-similarity/,
    ],
    // mistralai/Mistral-7B-v0.3 in its first form
    [
      'Mistral’s own form',
      repository('mistral', { 'params.json': json({}), 'consolidated.safetensors': weights }, { library: 'vllm' }),
      /Mistral’s own form/,
    ],
    // timm/resnet50.a1_in1k
    [
      'another library',
      repository('spacy', { 'meta.json': json({}), 'vectors.safetensors': weights }, { library: 'spacy' }),
      /^config: +has no config\.json: it is a model of spacy/,
    ],
    // TheBloke-like: tf_model.h5 only
    [
      'weights of TensorFlow',
      repository('tf', { 'config.json': config('BertModel'), 'tf_model.h5': file }),
      /only files of TensorFlow/,
    ],
    [
      'pickles',
      repository('pickle', { 'config.json': config('BertModel'), 'pytorch_model.bin': file }),
      /^pickle-weights: .*only files that may run code/,
    ],
    // onnx-community/…
    [
      'ONNX alone',
      repository('onnx', { 'config.json': config('BertModel'), 'onnx/model.onnx': file }),
      /^pickle-weights: .*ONNX files alone/,
    ],
    // unsloth/Qwen3-8B-bnb-4bit
    [
      'a format that no engine loads',
      repository(
        'bnb',
        {
          ...tokenizer,
          'config.json': config('Qwen3ForCausalLM', {
            quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true },
          }),
          'model.safetensors': weights,
        },
        { pipelineTag: 'text-generation', base: 'Qwen/Qwen3-8B' },
      ),
      /^format: +has its weights stored as bitsandbytes.*npm run new -- Qwen\/Qwen3-8B/,
    ],
    ['nothing but a card', repository('empty', {}), /has no files of a model/],
    ['a disabled one', repository('off', whole, { disabled: true }), /^no-model: the Hub has disabled/],
    ['one with another name', repository('new-name', whole, { formerly: 'example/old-name' }), /^locked/],
  ]
  for (const [what, model, words] of cases) {
    test(`${what}: named in one line, with the way out`, async () => assert.match(await ask(model), words))
  }

  test('for its kind is refused before its licence or its gate are looked at', async () => {
    const gated = repository('gated', {}, { pipelineTag: 'text-to-image', gated: 'manual', licence: 'other' })
    assert.match(await ask(gated), /generates images/)
  })

  test('without a tokenizer may be locked, but is no new model', async () => {
    const { 'tokenizer.json': _, 'tokenizer_config.json': __, ...bare } = whole
    const model = repository('bare', bare, { pipelineTag: 'feature-extraction' })
    assert.match(await ask(model), /^locked BertModel/)
    assert.match(await ask(model, { complete: true }), /^not-served: +has no tokenizer/)
  })
})

describe('a repository that is served', (test) => {
  const cases: [string, string, string | undefined, HubModel['files']?][] = [
    // BAAI/bge-reranker-v2-m3
    ['a reranker', 'XLMRobertaForSequenceClassification', 'text-ranking'],
    // distilbert/distilbert-base-uncased-finetuned-sst-2-english
    ['a classifier', 'DistilBertForSequenceClassification', 'text-classification'],
    ['a classifier without a tag', 'BertForSequenceClassification', undefined],
    // MoritzLaurer/deberta-v3-base-zeroshot-v2.0
    ['a classifier of entailment', 'DebertaV2ForSequenceClassification', 'zero-shot-classification'],
    // sentence-transformers/all-MiniLM-L6-v2
    ['embeddings', 'BertModel', 'sentence-similarity'],
    // sentence-transformers/all-mpnet-base-v2
    ['embeddings of a masked language model', 'MPNetForMaskedLM', 'sentence-similarity', { 'modules.json': json([]) }],
    // haoranxu/ALMA-7B
    ['a decoder that translates', 'LlamaForCausalLM', 'translation'],
    // OpenGVLab/InternVL2_5-8B
    ['an architecture of vLLM with a name of its own', 'InternVLChatModel', 'image-text-to-text'],
    // Salesforce/blip2-opt-2.7b
    [
      'one that reads images, under the tag of those that only describe them',
      'Blip2ForConditionalGeneration',
      'image-to-text',
    ],
    // Qwen/Qwen2.5-Omni-7B
    ['one that can do more', 'Qwen2_5OmniModel', 'any-to-any'],
  ]
  for (const [what, architecture, tag, more = {}] of cases) {
    test(`${what} (${architecture}${tag === undefined ? '' : `, ${tag}`}) is locked`, async () => {
      const files = { ...tokenizer, 'config.json': config(architecture), 'model.safetensors': weights, ...more }
      const model = repository('served', files, tag === undefined ? {} : { pipelineTag: tag })
      assert.is(await ask(model, { complete: true }), `locked ${architecture}`)
    })
  }

  test('if its file says what it shall do, whatever the Hub calls it', async () => {
    const files = {
      ...tokenizer,
      'config.json': config('Qwen2AudioForConditionalGeneration'),
      'model.safetensors': weights,
    }
    const model = repository('audio', files, { pipelineTag: 'audio-text-to-text' })
    assert.match(await ask(model), /answers questions about sounds/)
    assert.is(await ask(model, { task: 'text-generation' }), 'locked Qwen2AudioForConditionalGeneration')
  })

  test('but not under a name that it no longer has', async () => {
    const model = repository('new-name', whole, { formerly: 'example/old-name' })
    assert.match(await ask({ ...model, id: 'example/new-name' }), /^locked/)
    const hub = await startHub([model])
    try {
      await describeModel({ url: hub.url }, 'example/old-name', 'main')
      throw new Error('was not refused')
    } catch (error) {
      assert.match((error as HubProblem).message, 'example/old-name has another name on the Hub: example/new-name')
    } finally {
      await hub.stop()
    }
  })
})
