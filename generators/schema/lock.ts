// The lock, apps/models/NAME.lock.json: facts about one pinned revision, so that synth can plan without the network.
import Type, { type Static } from 'typebox'
import { cacheLayersSchema } from './cache-layers.ts'
import { commit, oneOf, sha256, strict } from './fields.ts'

const count = (description: string) => Type.Integer({ minimum: 0, description })

const hubLock = strict({
  id: Type.String({ minLength: 1, description: 'Hugging Face id.' }),
  revision: commit('Commit the facts belong to.'),
  pipelineTag: Type.String({ description: 'Task as the Hub states it.' }),
  licence: Type.String({ description: 'Licence tag of the Hub.' }),
  gated: Type.Boolean({ description: 'The Hub asks for accepted terms and a token.' }),
  architectures: Type.Array(Type.String(), { minItems: 1, description: 'config.json `architectures`.' }),
  parameters: Type.Record(Type.String(), Type.Integer({ minimum: 1 }), {
    description: 'Parameters by safetensors dtype, for example {"BF16": 8030261248}.',
  }),
  weightBytes: Type.Integer({ minimum: 1, description: 'Bytes of the tensors that an engine loads.' }),
  weightFiles: Type.Optional(
    Type.Array(
      strict({
        name: Type.String({ description: 'Path in the repository.' }),
        bytes: Type.Integer({ minimum: 1, description: 'Size.' }),
        sha256: Type.Optional(sha256('Of the file.')),
      }),
      { description: 'Weight files; with sha256 where it is known.' },
    ),
  ),
  files: Type.Optional(
    Type.Array(
      strict({
        name: Type.String({ description: 'Path in the folder.' }),
        bytes: count('Size.'),
        sha256: sha256('Of the file.'),
      }),
      { description: 'Of a model in a bucket: every other file that an engine may read.' },
    ),
  ),
  layers: count('Transformer layers.'),
  hiddenSize: count('Width of a token vector.'),
  heads: count('Attention heads.'),
  kvHeads: count('Key/value heads.'),
  headDim: count('Values per head.'),
  vocabularySize: count('Tokens of the vocabulary.'),
  maxPositionEmbeddings: count('Longest context the model was made for, in tokens.'),
  cache: cacheLayersSchema,
  intermediateSize: Type.Optional(count('Width inside the feed-forward layers.')),
  experts: Type.Optional(
    strict(
      {
        total: count('Experts per layer.'),
        perToken: count('Experts a token passes.'),
        intermediateSize: Type.Optional(count('Width inside an expert.')),
        activeParameters: Type.Optional(count('Parameters a token passes.')),
      },
      { description: 'Mixture of experts, if it is one.' },
    ),
  ),
  quantization: Type.Optional(Type.String({ description: 'quantization_config.quant_method of config.json.' })),
  cacheDtype: Type.Optional(
    oneOf(['fp8'], { description: 'Number format of the KV cache that the weights were made for.' }),
  ),
  visionTower: Type.Optional(Type.Boolean({ description: 'Looks at images too.' })),
  needsRemoteCode: Type.Boolean({ description: 'Loads only by running code from the model repository.' }),
  hasChatTemplate: Type.Boolean({ description: 'The tokenizer has a chat template.' }),
  safetensors: Type.Boolean({ description: 'Weights are there as safetensors; otherwise only as pickle.' }),
  unverified: Type.Array(Type.String(), {
    description: 'Fields not read from the Hub itself; `npm run lock` clears them.',
  }),
})

const bundledLock = strict({
  id: Type.String({ pattern: '^\\./', description: 'Folder of the bundled model.' }),
  sha256: sha256('Of the folder: every file’s relative path and content.'),
  ...(Object.fromEntries(
    Object.entries(hubLock.properties).filter(([name]) => name !== 'id' && name !== 'revision'),
  ) as Omit<typeof hubLock.properties, 'id' | 'revision'>),
})

export const lockSchema = Type.Union([hubLock, bundledLock], { title: 'Slipway lock' })

export type Lock = Static<typeof hubLock> | Static<typeof bundledLock>
