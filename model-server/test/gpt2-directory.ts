// A model directory with GPT-2's files and names and random weights, in the interface of the Hub's decoder_model_merged.onnx.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Graph } from './onnx-writer.ts'
import { bundledModel } from './server-process.ts'

export interface Gpt2Size {
  layers: number
  width: number
  heads: number
  positions: number
  vocabulary: number
}

/** openai-community/gpt2: 124 million parameters. */
export const gpt2Small: Gpt2Size = { layers: 12, width: 768, heads: 12, positions: 1024, vocabulary: 50257 }

/** Gaussian numbers, made once and cut at moving places: 124 million of their own would take longer than the test. */
function randomFloats(): (count: number, scale: number) => Buffer {
  const block = new Float32Array(1 << 20)
  let state = 1
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 2 ** 32
  }
  for (let at = 0; at < block.length; at += 1)
    block[at] = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return (count, scale) => {
    const numbers = new Float32Array(count)
    for (let at = 0; at < count; ) {
      const from = Math.floor(uniform() * block.length)
      const part = block.subarray(from, from + count - at)
      numbers.set(part, at)
      at += part.length
    }
    for (let at = 0; at < count; at += 1) numbers[at] = (numbers[at] ?? 0) * scale
    return Buffer.from(numbers.buffer)
  }
}

export function writeGpt2(directory: string, size: Gpt2Size): void {
  mkdirSync(join(directory, 'onnx'), { recursive: true })
  for (const name of ['tokenizer.json', 'generation_config.json'])
    copyFileSync(join(bundledModel, name), join(directory, name))
  // GPT-2 has no chat template.
  writeFileSync(
    join(directory, 'tokenizer_config.json'),
    JSON.stringify({ tokenizer_class: 'GPT2Tokenizer', eos_token: '<|endoftext|>' }),
  )
  const { layers, width, heads, positions, vocabulary } = size
  writeFileSync(
    join(directory, 'config.json'),
    JSON.stringify({
      model_type: 'gpt2',
      n_layer: layers,
      n_embd: width,
      n_head: heads,
      n_positions: positions,
      vocab_size: vocabulary,
    }),
  )
  writeGraph(join(directory, 'onnx/decoder_model_merged.onnx'), size)
}

function writeGraph(path: string, { layers, width, heads, positions, vocabulary }: Gpt2Size): void {
  const random = randomFloats()
  const graph = new Graph(path)
  const headWidth = width / heads
  const weight = (...shape: number[]) =>
    graph.weight(
      random(
        shape.reduce((product, one) => product * one, 1),
        0.02,
      ),
      shape,
      'float32',
      true,
    )
  const zeros = (count: number) => graph.constant(new Array<number>(count).fill(0), 'float32')
  const ones = (count: number) => graph.constant(new Array<number>(count).fill(1), 'float32')
  const shape = (...sizes: number[]) => graph.constant(sizes, 'int64')
  const scalar = (value: number) => graph.constant([value], 'float32', [])
  const normal = (of: string) =>
    graph.node('LayerNormalization', [of, ones(width), zeros(width)], { epsilon: { float: 1e-5 } })
  const linear = (of: string, from: number, to: number) =>
    graph.node('Add', [graph.node('MatMul', [of, weight(from, to)]), zeros(to)])

  const ids = graph.input('input_ids', 'int64', ['batch', 'sequence'])
  const attention = graph.input('attention_mask', 'int64', ['batch', 'total'])
  const at = graph.input('position_ids', 'int64', ['batch', 'sequence'])
  const usesCache = graph.input('use_cache_branch', 'bool', [1])

  const table = weight(vocabulary, width)
  const position = weight(positions, width)
  // Additive mask [1, 1, sequence, total]: nobody sees what comes later.
  const total = graph.node('Gather', [graph.node('Shape', [attention]), graph.constant([1], 'int64', [])])
  const keys = graph.node('Range', [graph.constant([0], 'int64', []), total, graph.constant([1], 'int64', [])])
  const later = graph.node('Greater', [keys, graph.node('Unsqueeze', [at, shape(1, 3)])])
  const mask = graph.node('Where', [later, scalar(-1e9), scalar(0)])

  let state = graph.node('Add', [graph.node('Gather', [table, ids]), graph.node('Gather', [position, at])])
  for (let layer = 0; layer < layers; layer += 1) {
    const past = (kind: string) => {
      const name = `past_key_values.${layer}.${kind}`
      return cacheBranch(
        graph,
        usesCache,
        graph.input(name, 'float32', ['batch', heads, 'past', headWidth]),
        heads,
        headWidth,
      )
    }
    const joined = linear(normal(state), width, 3 * width)
    const first = graph.node('Split', [joined], { axis: 2 }, 3)
    const byHead = (of: string) =>
      graph.node('Transpose', [graph.node('Reshape', [of, shape(0, -1, heads, headWidth)])], { perm: [0, 2, 1, 3] })
    const query = byHead(first)
    const key = graph.node('Concat', [past('key'), byHead(`${first}.1`)], { axis: 2 })
    const value = graph.node('Concat', [past('value'), byHead(`${first}.2`)], { axis: 2 })
    graph.output(key, `present.${layer}.key`, 'float32', ['batch', heads, 'total', headWidth])
    graph.output(value, `present.${layer}.value`, 'float32', ['batch', heads, 'total', headWidth])
    const scores = graph.node('MatMul', [query, graph.node('Transpose', [key], { perm: [0, 1, 3, 2] })])
    const scaled = graph.node('Add', [graph.node('Mul', [scores, scalar(1 / Math.sqrt(headWidth))]), mask])
    const mixed = graph.node('MatMul', [graph.node('Softmax', [scaled], { axis: -1 }), value])
    const merged = graph.node('Reshape', [
      graph.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
      shape(0, -1, width),
    ])
    state = graph.node('Add', [state, linear(merged, width, width)])
    const inner = linear(normal(state), width, 4 * width)
    const gate = graph.node('Sigmoid', [graph.node('Mul', [inner, scalar(1.702)])])
    state = graph.node('Add', [state, linear(graph.node('Mul', [inner, gate]), 4 * width, width)])
  }
  const flat = graph.node('Reshape', [normal(state), shape(-1, width)])
  // The table of tokens is also the last layer, as in GPT-2.
  const scores = graph.node('Gemm', [flat, table], { transB: 1 })
  graph.output(graph.node('Reshape', [scores, shape(1, -1, vocabulary)]), 'logits', 'float32', [
    'batch',
    'sequence',
    vocabulary,
  ])
  graph.write()
}

/** A merged export looks at the past only when use_cache_branch says so. */
function cacheBranch(graph: Graph, usesCache: string, past: string, heads: number, headWidth: number): string {
  const withPast = new Graph()
  withPast.output(past, `${past}.used`, 'float32', ['batch', heads, 'past', headWidth])
  const without = new Graph()
  const none = without.weight(Buffer.alloc(0), [1, heads, 0, headWidth])
  without.output(none, `${past}.none`, 'float32', ['batch', heads, 'past', headWidth])
  return graph.node('If', [usesCache], { then_branch: withPast, else_branch: without })
}
