// A small BERT-like model directory for tests: real tokenizer files, one attention layer, random weights; embeds, classifies or ranks.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Graph } from './onnx-writer.ts'

const words = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  'the',
  'cat',
  'sat',
  'on',
  'mat',
  'dog',
  'ran',
  'what',
  'is',
  'a',
  '.',
  '?',
  '##s',
]
const width = 16
const positions = 64

export interface BertKind {
  /** Labels of a classifier; 0: an embedding model. */
  labels: number
  /** Files of sentence-transformers. */
  pooling?: 'mean' | 'cls'
  normalizes?: boolean
}

export function writeBert(directory: string, kind: BertKind): void {
  mkdirSync(join(directory, 'onnx'), { recursive: true })
  const write = (name: string, value: object) => {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    writeFileSync(join(directory, name), JSON.stringify(value))
  }
  const id2label = Object.fromEntries(Array.from({ length: kind.labels }, (_, label) => [label, `label ${label}`]))
  write('config.json', {
    model_type: 'bert',
    hidden_size: width,
    max_position_embeddings: positions,
    vocab_size: words.length,
    ...(kind.labels > 0 && { id2label }),
  })
  write('tokenizer_config.json', { tokenizer_class: 'BertTokenizer', do_lower_case: true })
  write('tokenizer.json', tokenizer)
  if (kind.pooling)
    write('1_Pooling/config.json', {
      pooling_mode_cls_token: kind.pooling === 'cls',
      pooling_mode_mean_tokens: kind.pooling === 'mean',
    })
  if (kind.normalizes) write('modules.json', [{ idx: 2, type: 'sentence_transformers.models.Normalize' }])
  writeGraph(join(directory, 'onnx/model.onnx'), kind)
}

const special = (id: number) => ({
  id,
  content: words[id],
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
})
const piece = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } })
const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } })

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [0, 1, 2, 3].map(special),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [piece('[CLS]', 0), sequence('A', 0), piece('[SEP]', 0)],
    pair: [piece('[CLS]', 0), sequence('A', 0), piece('[SEP]', 0), sequence('B', 1), piece('[SEP]', 1)],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
  },
}

function writeGraph(path: string, { labels }: BertKind): void {
  const graph = new Graph(path)
  let state = 7
  const weight = (...shape: number[]) => {
    const count = shape.reduce((product, one) => product * one, 1)
    const numbers = Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 31 - 1
    })
    return graph.constant(numbers, 'float32', shape)
  }
  const ids = graph.input('input_ids', 'int64', ['batch', 'sequence'])
  const attention = graph.input('attention_mask', 'int64', ['batch', 'sequence'])
  const kinds = graph.input('token_type_ids', 'int64', ['batch', 'sequence'])
  const length = graph.node('Gather', [graph.node('Shape', [attention]), graph.constant([1], 'int64', [])])
  const at = graph.node('Range', [graph.constant([0], 'int64', []), length, graph.constant([1], 'int64', [])])
  const tokens = graph.node('Add', [
    graph.node('Gather', [weight(words.length, width), ids]),
    graph.node('Gather', [weight(2, width), kinds]),
  ])
  const hidden = graph.node('Add', [tokens, graph.node('Gather', [weight(positions, width), at])])
  const project = (of: string, to = width) => graph.node('MatMul', [of, weight(width, to)])
  const scores = graph.node('MatMul', [
    project(hidden),
    graph.node('Transpose', [project(hidden)], { perm: [0, 2, 1] }),
  ])
  const mixed = graph.node('MatMul', [graph.node('Softmax', [scores], { axis: -1 }), project(hidden)])
  const last = graph.node('Add', [hidden, mixed])
  if (labels === 0) graph.output(last, 'last_hidden_state', 'float32', ['batch', 'sequence', width])
  else {
    const first = graph.node('Gather', [last, graph.constant([0], 'int64', [])], { axis: 1 })
    graph.output(project(first, labels), 'logits', 'float32', ['batch', labels])
  }
  graph.write()
}
