// Writes ONNX graphs for tests: as much of the protobuf format as they need, weights in a file beside the graph or inside.
import { appendFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

/** Element types of ONNX. */
const types = { float32: 1, int64: 7, bool: 9 } as const
export type ElementType = keyof typeof types

function varint(value: number | bigint): number[] {
  let left = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    bytes.push(Number(left & 127n) | (left > 127n ? 128 : 0))
    left >>= 7n
  } while (left > 0n)
  return bytes
}

const int = (field: number, value: number | bigint): Buffer => Buffer.from([...varint(field << 3), ...varint(value)])

function bytes(field: number, value: string | Uint8Array): Buffer {
  const content = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(content.length)]), content])
}

function float(field: number, value: number): Buffer {
  const content = Buffer.alloc(4)
  content.writeFloatLE(value)
  return Buffer.concat([Buffer.from(varint((field << 3) | 5)), content])
}

type Attribute = number | readonly number[] | string | Graph | { float: number }

function attribute(name: string, value: Attribute): Buffer {
  const parts = [bytes(1, name)]
  if (typeof value === 'number') parts.push(int(3, value), int(20, 2))
  else if (typeof value === 'string') parts.push(bytes(4, value), int(20, 3))
  else if (value instanceof Graph) parts.push(bytes(6, value.encode('branch')), int(20, 5))
  else if (Array.isArray(value)) parts.push(...value.map((one) => int(8, one)), int(20, 7))
  else parts.push(float(2, (value as { float: number }).float), int(20, 1))
  return Buffer.concat(parts)
}

/** Sizes are numbers, or names of what is known at run time. */
function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): Buffer {
  const dims = shape.map((size) => bytes(1, typeof size === 'number' ? int(1, size) : bytes(2, size)))
  const tensor = Buffer.concat([int(1, types[type]), bytes(2, Buffer.concat(dims))])
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensor))])
}

export class Graph {
  readonly #nodes: Buffer[] = []
  readonly #inputs: Buffer[] = []
  readonly #outputs: Buffer[] = []
  readonly #weights: Buffer[] = []
  readonly #path: string
  #externalLength = 0
  #names = 0

  /** @param path of the graph; external weights go to `PATH_data` at once, since they may be large */
  constructor(path = '') {
    this.#path = path
  }

  /** Adds an operation and returns the name of its first output. */
  node(operation: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, outputs = 1): string {
    this.#names += 1
    const name = `${operation}_${this.#names}`
    const named = Array.from({ length: outputs }, (_, index) => (index === 0 ? name : `${name}.${index}`))
    this.#nodes.push(
      Buffer.concat([
        ...inputs.map((input) => bytes(1, input)),
        ...named.map((output) => bytes(2, output)),
        bytes(3, name),
        bytes(4, operation),
        ...Object.entries(attributes).map(([key, value]) => bytes(5, attribute(key, value))),
      ]),
    )
    return name
  }

  input(name: string, type: ElementType, shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, type, shape))
    return name
  }

  output(from: string, name: string, type: ElementType, shape: readonly (number | string)[]): void {
    this.#nodes.push(Buffer.concat([bytes(1, from), bytes(2, name), bytes(3, `out_${name}`), bytes(4, 'Identity')]))
    this.#outputs.push(valueInfo(name, type, shape))
  }

  constant(values: readonly number[], type: ElementType, shape: readonly number[] = [values.length]): string {
    const data = type === 'int64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values)
    return this.weight(Buffer.from(data.buffer), shape, type)
  }

  /** @param isExternal in the file beside the graph */
  weight(data: Buffer, shape: readonly number[], type: ElementType = 'float32', isExternal = false): string {
    this.#names += 1
    const name = `weight_${this.#names}`
    const parts = [...shape.map((size) => int(1, size)), int(2, types[type]), bytes(8, name)]
    if (isExternal) {
      const file = `${this.#path}_data`
      const facts = { location: basename(file), offset: this.#externalLength, length: data.length }
      for (const [key, value] of Object.entries(facts))
        parts.push(bytes(13, Buffer.concat([bytes(1, key), bytes(2, String(value))])))
      parts.push(int(14, 1))
      appendFileSync(file, data)
      this.#externalLength += data.length
    } else parts.push(bytes(9, data))
    this.#weights.push(Buffer.concat(parts))
    return name
  }

  encode(name: string): Buffer {
    return Buffer.concat([
      ...this.#nodes.map((one) => bytes(1, one)),
      bytes(2, name),
      ...this.#weights.map((one) => bytes(5, one)),
      ...this.#inputs.map((one) => bytes(11, one)),
      ...this.#outputs.map((one) => bytes(12, one)),
    ])
  }

  write(): void {
    // IR version 8, operator set 17: the first with LayerNormalization.
    const operators = Buffer.concat([bytes(1, ''), int(2, 17)])
    writeFileSync(this.#path, Buffer.concat([int(1, 8), bytes(7, this.encode('test')), bytes(8, operators)]))
  }
}
