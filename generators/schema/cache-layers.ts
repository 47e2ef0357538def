// The layers of a model by what an engine keeps of past tokens for them: keys and values, a latent vector, or a state. Part of the lock.
import Type, { type Static } from 'typebox'
import { strict } from './fields.ts'

const count = (description: string) => Type.Integer({ minimum: 1, description })

const kindOf = <const Kind extends string>(kind: Kind, description: string) => Type.Literal(kind, { description })

const layers = count('How many layers are of this kind.')

/** Left out where they are those of the lock. */
const heads = {
  kvHeads: Type.Optional(count('Key/value heads of these layers, where they differ.')),
  headDim: Type.Optional(count('Values per head of these layers, where they differ.')),
  valueDim: Type.Optional(count('Values per head of the value alone, where it is not as wide as the key.')),
}

const full = strict({ kind: kindOf('full', 'Keys and values of every token.'), layers, ...heads })

const sliding = strict({
  kind: kindOf('sliding', 'Keys and values of the last tokens only.'),
  layers,
  window: count('Tokens a layer looks back.'),
  ...heads,
})

const chunked = strict({
  kind: kindOf('chunked', 'Looks back to the begin of its chunk; vLLM keeps all tokens of such layers.'),
  layers,
  window: count('Tokens of a chunk.'),
  ...heads,
})

const latent = strict({
  kind: kindOf('latent', 'One vector of every token instead of keys and values (MLA), whole on every GPU.'),
  layers,
  width: count('Values of the vector: kv_lora_rank + qk_rope_head_dim.'),
  bytes: Type.Optional(count('Bytes of a value, where the KV cache’s number format does not decide.')),
})

const state = strict({
  kind: kindOf('state', 'A state of fixed size for each request (Mamba, linear attention, short convolution).'),
  layers,
  convolution: Type.Optional(
    strict({
      values: count('Channels without those of groups.'),
      groups: Type.Optional(count('Groups of channels; a GPU holds whole ones.')),
      groupValues: Type.Optional(count('Channels of a group.')),
      steps: count('Tokens it keeps: the kernel’s width − 1.'),
    }),
  ),
  matrix: Type.Optional(count('Values of the recurrent state.')),
  matrixBytes: Type.Optional(count('Bytes of such a value, where the model’s number format does not decide.')),
})

export const cacheLayersSchema = Type.Array(Type.Union([full, sliding, chunked, latent, state]), {
  description: 'Layers that keep something of past tokens; empty for encoders.',
})

export type CacheLayers = Static<typeof cacheLayersSchema>[number]
/** Layers that keep something of each token. */
export type TokenLayers = Exclude<CacheLayers, { kind: 'state' }>
export type StateLayers = Extract<CacheLayers, { kind: 'state' }>
