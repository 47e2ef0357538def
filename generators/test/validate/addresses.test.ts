// Every address that a source file may hold is one that a client can parse: an engine of a rule, a policy or a page would fail at it later.
import type { TSchema } from 'typebox'
import { assert, describe } from '../../../test/spec.ts'
import { addonFileSchema } from '../../schema/addon.ts'
import { clusterFileSchema } from '../../schema/cluster.ts'
import { gatewayFileSchema, imagesFileSchema } from '../../schema/gateway.ts'
import { modelFileSchema } from '../../schema/model.ts'
import { tenantFileSchema } from '../../schema/tenant.ts'

interface Node {
  pattern?: string
  form?: string
  examples?: unknown[]
}

const schemas = {
  addonFileSchema,
  clusterFileSchema,
  gatewayFileSchema,
  imagesFileSchema,
  modelFileSchema,
  tenantFileSchema,
}

/** Every text whose pattern has a scheme or a port. */
function addresses(node: unknown, path: string): [string, Node][] {
  if (typeof node !== 'object' || node === null) return []
  const { pattern } = node as Node
  const own: [string, Node][] =
    typeof pattern === 'string' && /https:\/\/|655\[/.test(pattern) ? [[path, node as Node]] : []
  return [...own, ...Object.entries(node).flatMap(([key, inner]) => addresses(inner, `${path}.${key}`))]
}

const found = Object.entries(schemas).flatMap(([name, schema]: [string, TSchema]) => addresses(schema, name))

describe('addresses in source files', (test) => {
  test('are refused where no client could parse them', () => {
    assert.ok(found.length >= 10, `${found.length}`)
    const hosts = ['', 'a b', '-a', 'a..', 'a:0/', 'a:65536/', 'a:99999/', 'a:8a/', ':443/', '/a']
    for (const [path, { pattern = '' }] of found)
      for (const host of hosts)
        for (const text of [`https://${host}`, `ssh://git@${host}`, `http://x.y.svc:${host.split(':')[1] ?? ''}`]) {
          if (/^ssh:\/\/git@(-|a\.\.|\/)/.test(text)) continue
          assert.not(new RegExp(pattern, 'u').test(text), `${path} takes ${text}`)
        }
  })

  test('are named by an error in words, and have an example that is right', () => {
    for (const [path, { pattern = '', form, examples = [] }] of found) {
      if (path.endsWith('knownHosts.items')) continue
      assert.ok(form !== undefined, path)
      for (const example of examples.flat()) {
        assert.match(String(example), new RegExp(pattern, 'u'), path)
        if (String(example).startsWith('http')) new URL(String(example))
      }
    }
  })
})
