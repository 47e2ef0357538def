// A cluster of the sample whose tokens another kind of issuer makes, as synth renders it and the platform declares it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { isError } from '../../../generators/diagnostics/diagnostic.ts'
import { everything, renderRepository } from '../../../generators/pipeline.ts'
import { clientsOf, type IssuerKind, type IssuerKindName, issuerKinds } from '../../../generators/schema/oidc.ts'
import { copyRepository } from '../../../generators/test/fixture.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert } from '../../../test/spec.ts'
import { readCluster, readTenants } from '../../read-cluster.ts'
import { recordGraph } from '../../test/graphs.ts'
import type { Declared, KubernetesObject } from '../declared.ts'

const cluster = 'dev'

/**
 * The committed repository with that issuer in the cluster file, and the tenants’ clients where its tokens name them; `more` is in the section
 * `oidc` too, `others` beside it.
 */
export async function declareWith(kind: IssuerKindName, more: object = {}, others: object = {}): Promise<Declared> {
  const folder = copyRepository(sampleRoot)
  const change = (path: string, edit: (value: Record<string, unknown>) => void) => {
    const value = parse(readFileSync(join(folder, path), 'utf8')) as Record<string, unknown>
    edit(value)
    writeFileSync(join(folder, path), stringify(value))
  }
  const { example, hasAudience, audienceExample, scopeExample, sampleClient = String } = issuerKinds[kind] as IssuerKind
  const { issuer = example } = more as { issuer?: string }
  const [claim = ''] = clientsOf({ kind, issuer })
  try {
    change(`clusters/${cluster}/cluster.yaml`, (file) => {
      file.oidc = {
        kind,
        issuer: example,
        scopes: [scopeExample],
        ...(hasAudience && { audiences: [audienceExample] }),
        ...more,
      }
      Object.assign(file, others)
    })
    for (const name of ['research', 'support'])
      change(`apps/tenants/${name}.yaml`, (file) => {
        const { client_id } = file.claims as Record<string, unknown>
        file.claims = { [claim]: [client_id].flat().map((id) => sampleClient(String(id))) }
      })
    const { files, diagnostics } = renderRepository(folder, { ...everything, clusters: [cluster] })
    assert.equal(diagnostics.filter(isError), [])
    const objects = files
      .filter(({ path }) => !/rendered\/(?:argocd|addons|monitoring)\//.test(path))
      .map(({ text }) => parse(text) as KubernetesObject)
    const read = readCluster(folder, cluster)
    const originSecret = { current: 'walk-'.repeat(8) }
    const graph = await recordGraph({ cluster: read, tenants: readTenants(folder), originSecret })
    return { cluster: read, graph, objects }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
