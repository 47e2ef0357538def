// git-watch: which Applications it takes for drifted, and what the real process asks of an API server.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { assert, describe } from '../../test/spec.ts'
import { ClusterClient } from '../discovery/cluster-client.ts'
import { ArgoApplications } from '../git-watch/applications.ts'
import { type Application, driftOf } from '../git-watch/drift.ts'
import { Healer } from '../git-watch/healer.ts'
import { healAgainMs, looksBeforeHealing } from '../git-watch/settings.ts'

const source = { path: 'clusters/prod/rendered/model-phi-4', name: 'content-0123456789ab' }

/** Synced once, then somebody deleted its Service. */
const drifted = (change: (application: Application) => void = () => {}): Application => {
  const application: Application = {
    metadata: { name: 'model-phi-4' },
    spec: {
      project: 'models',
      source,
      syncPolicy: { automated: { selfHeal: true }, syncOptions: ['ServerSideApply=true'] },
    },
    status: {
      sync: { status: 'OutOfSync' },
      operationState: { phase: 'Succeeded', syncResult: { revision: 'abc', source: structuredClone(source) } },
      resources: [
        { kind: 'Service', namespace: 'models', name: 'phi-4', status: 'OutOfSync' },
        { group: 'apps', kind: 'Deployment', namespace: 'models', name: 'phi-4', status: 'Synced' },
      ],
    },
  }
  change(application)
  return application
}

describe('drift', (test) => {
  test('is what differs from the commit that was synced last, and is synced to that commit', () => {
    assert.equal(driftOf(drifted()), {
      name: 'model-phi-4',
      revision: 'abc',
      resources: [{ group: '', kind: 'Service', namespace: 'models', name: 'phi-4' }],
      syncOptions: ['ServerSideApply=true'],
    })
  })

  for (const [what, change] of [
    [
      'a commit that changed the folder',
      ({ spec }) => Object.assign(spec, { source: { ...source, name: 'content-x' } }),
    ],
    ['what is synced', ({ status }) => Object.assign(status ?? {}, { sync: { status: 'Synced' } })],
    ['what is being synced', (application) => Object.assign(application, { operation: {} })],
    ['an Application outside the project that has windows', ({ spec }) => Object.assign(spec, { project: 'platform' })],
    [
      'a sync of Argo CD’s that failed',
      ({ status }) => Object.assign(status?.operationState ?? {}, { phase: 'Failed' }),
    ],
    ['what is going', ({ metadata }) => Object.assign(metadata, { deletionTimestamp: '2026-11-30T00:00:00Z' })],
    ['what no person wants healed', ({ spec }) => Object.assign(spec, { syncPolicy: {} })],
    [
      'an object that only has to go',
      ({ status }) => Object.assign(status?.resources?.[0] ?? {}, { requiresPruning: true }),
    ],
    ['what was never compared', (application) => Object.assign(application, { status: undefined })],
  ] as [string, (application: Application) => void][])
    test(`is not ${what}`, () => {
      assert.is(driftOf(drifted(change)), undefined)
    })
})

describe('a healer', (test) => {
  const names = (applications: Application[], healer: Healer, now = 0) =>
    healer.due(applications, now).map(({ name }) => name)

  test('waits until several looks in a row show drift, and begins anew when one does not', () => {
    const healer = new Healer()
    for (let look = 1; look < looksBeforeHealing; look += 1) assert.equal(names([drifted()], healer), [])
    assert.equal(names([], healer), [])
    for (let look = 1; look < looksBeforeHealing; look += 1) assert.equal(names([drifted()], healer), [])
    assert.equal(names([drifted()], healer), ['model-phi-4'])
  })

  test('does not fight: the same model again only after a pause', () => {
    const healer = new Healer()
    const due = Array.from({ length: 3 * looksBeforeHealing }, (_, look) => names([drifted()], healer, look))
    assert.is(due.flat().length, 1)
    assert.equal(names([drifted()], healer, healAgainMs + looksBeforeHealing), ['model-phi-4'])
  })

  test('tries again what failed of its own', () => {
    const failed = drifted(({ status }) =>
      Object.assign(status?.operationState ?? {}, {
        phase: 'Failed',
        operation: { initiatedBy: { username: 'git-watch' } },
      }),
    )
    assert.ok(driftOf(failed))
  })

  test('knows a content that got another name without a sync', () => {
    const renamed = (status: string) =>
      drifted((application) => {
        application.spec.source = { ...source, name: 'content-new' }
        Object.assign(application.status ?? {}, { sync: { status } })
      })
    const healer = new Healer()
    names([renamed('Synced')], healer)
    const due = Array.from({ length: looksBeforeHealing }, () => names([renamed('OutOfSync')], healer))
    assert.equal(due.flat(), ['model-phi-4'])
  })
})

describe('what git-watch asks', (test) => {
  const seen: { method: string; url: string; type: string; body: unknown }[] = []
  let answer = 200
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks = await Array.fromAsync(request)
    const text = Buffer.concat(chunks as Buffer[]).toString()
    const { method = '', url = '', headers } = request
    seen.push({ method, url, type: headers['content-type'] ?? '', body: text === '' ? undefined : JSON.parse(text) })
    // Two pages.
    const more = url.includes('limit=') && !url.includes('continue=') ? { continue: 'next' } : {}
    response.writeHead(answer).end(JSON.stringify({ metadata: more, items: [drifted()] }))
  })
  let client: ClusterClient
  const applications = () => new ArgoApplications(client, 'argocd', 'root')
  test.before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    client = new ClusterClient({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })
  test.after(async () => {
    await client.close()
    server.close()
  })
  const folder = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications'

  test('a look at Git is one annotation of the root Application', async () => {
    await applications().look()
    assert.equal(seen.at(-1), {
      method: 'PATCH',
      url: `${folder}/root`,
      type: 'application/merge-patch+json',
      body: { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
    })
  })

  test('a drifted Application is synced to its last commit, as a person would', async () => {
    const all = await applications().list()
    assert.is(all.length, 2)
    const [application] = all
    const drift = application && driftOf(application)
    assert.ok(drift)
    await applications().sync(drift)
    const { url, body } = seen.at(-1) ?? {}
    const { operation } = body as { operation: { sync: object; initiatedBy: object } }
    assert.is(url, `${folder}/model-phi-4`)
    assert.equal(operation.initiatedBy, { username: 'git-watch' })
    assert.equal(Object.keys(operation.sync).sort(), ['resources', 'revision', 'syncOptions'])
    assert.equal(Object.keys(operation).sort(), ['info', 'initiatedBy', 'retry', 'sync'])
    assert.not.match(JSON.stringify(operation), 'refresh')
  })

  test('another Application can look too, and a refusal is an error that says why', async () => {
    await applications().look('keda')
    assert.is(seen.at(-1)?.url, `${folder}/keda`)
    answer = 403
    const error = await applications().look().catch(String)
    answer = 200
    assert.match(String(error), /^Error: root: 403/)
  })
})
