// Stands in for Pulumi’s Kubernetes provider, a process of its own: takes every object, keeps what it was given, talks to no cluster.
// What Kubernetes does with these objects is shown by the cluster suite.
import { isDeepStrictEqual } from 'node:util'
import kubernetes from '@pulumi/kubernetes/package.json' with { type: 'json' }
import * as provider from '@pulumi/pulumi/provider/index.js'

interface Named {
  name?: string
  namespace?: string
  metadata?: { name?: string; namespace?: string }
}

const idOf = ({ metadata, ...given }: Named): string => {
  const { name = 'unnamed', namespace = '' } = { ...given, ...metadata }
  return `${namespace}/${name}`
}

const standIn: provider.Provider = {
  version: kubernetes.version,
  schema: '{"name":"kubernetes"}',
  diff: async (_id, _urn, olds: object, news: object) => ({ changes: !isDeepStrictEqual(olds, news) }),
  create: async (_urn, inputs: Named) => ({ id: idOf(inputs), outs: inputs }),
  update: async (_id, _urn, _olds, news: object) => ({ outs: news }),
  delete: async () => {},
}

await provider.main(standIn, [])
