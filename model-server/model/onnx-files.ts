// Which of a model's ONNX files is used: one graph in several precisions, under the names that the Hub's exporters give.
import { UserMistake } from '../user-mistake.ts'

/** Precision → ending of the file name. */
export const dtypes = {
  int8: '_int8',
  q8: '_quantized',
  q4: '_q4',
  fp32: '',
  uint8: '_uint8',
} as const

export type Dtype = keyof typeof dtypes

/**
 * Small before large: on a CPU memory decides the speed. Formats in 16 bits are left out: the CPU computes them slowly.
 */
const preference: readonly Dtype[] = ['int8', 'q8', 'q4', 'fp32', 'uint8']

/** A decoder with both branches, and a graph of one piece. Older exports have the first, newer ones the second. */
const graphNames = ['model', 'decoder_model_merged'] as const

/**
 * The file to load out of those that are there.
 * @param names file names without their folder
 * @param dtype undefined: the first precision there is, in the order of `preference`
 */
export function chooseOnnxFile(names: readonly string[], dtype?: Dtype): string | undefined {
  for (const one of dtype === undefined ? preference : [dtype])
    for (const graph of graphNames) {
      const name = `${graph}${dtypes[one]}.onnx`
      if (names.includes(name)) return name
    }
  return undefined
}

/** Weights beside the graph because they are larger than 2 GB: model.onnx_data, model.onnx_data_1, … */
export const weightFilesOf = (name: string, names: readonly string[]): string[] =>
  names.filter((one) => one === name || one.startsWith(`${name}_data`))

/** @throws UserMistake naming what is there */
export function requireOnnxFile(folder: string, names: readonly string[], dtype?: Dtype): string {
  const name = chooseOnnxFile(names, dtype)
  if (name !== undefined) return name
  const wanted =
    dtype === undefined
      ? 'an ONNX graph (model.onnx or decoder_model_merged.onnx, also _int8, _quantized, _q4)'
      : `a graph for --dtype ${dtype}`
  const there = names.length === 0 ? 'nothing' : names.join(', ')
  throw new UserMistake(
    `${folder}: holds ${there}, but no ${wanted.replace(/^an? /, '')}; export the model with optimum, or choose one with onnx files`,
  )
}
