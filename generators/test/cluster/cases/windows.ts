// How a commit arrives without anybody's help, what a sync window stops and what not, and how a model is rolled back, also in a window.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../../../test/spec.ts'
import { repositoryRoot } from '../../fixture.ts'
import { type Application, applications, refresh } from '../applications.ts'
import { until } from '../control-plane.ts'
import { asGitWatch, GitWatchOutside } from '../git-watch-outside.ts'
import { type Cases, patient, synced } from './scene.ts'

interface Deployment {
  spec: { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } }
}

/** The command of docs/how-to/roll-back.md for those without the `argocd` program. */
const rollbackPatch =
  /--patch '(\{.*\})'/.exec(readFileSync(join(repositoryRoot, 'docs/how-to/roll-back.md'), 'utf8'))?.[1] ?? ''

export const windowCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const find = async (name: string): Promise<Application | undefined> =>
    (await applications(controlPlane)).find(({ metadata }) => metadata.name === name)
  const variable = async (model: string, name: string): Promise<string | undefined> => {
    const { spec } = await controlPlane.get<Deployment>('deployment', model, '--namespace', 'models')
    return spec.template.spec.containers[0]?.env?.find((one) => one.name === name)?.value
  }
  const withGitWatch = async (use: (watch: GitWatchOutside) => Promise<void>): Promise<void> => {
    const watch = await GitWatchOutside.start(controlPlane)
    try {
      await use(watch)
    } finally {
      watch.stop()
    }
  }

  test(
    'git-watch lets a commit arrive while nobody asks Argo CD to look',
    () =>
      withGitWatch(async (watch) => {
        const text = source.read('apps/models/tiny-stories.yaml')
        source.edit('apps/models/tiny-stories.yaml', /^engine/m, 'env: { WATCHED: "1" }\nengine')
        source.commit('apps: watched')
        const started = performance.now()
        await until('the commit', 50, async () =>
          (await variable('tiny-stories', 'WATCHED')) === '1' ? true : `not yet: ${watch.log}`,
        )
        console.log(`a commit arrived by itself after ${Math.round((performance.now() - started) / 1000)} s`)
        source.write('apps/models/tiny-stories.yaml', text)
        await synced(scene, source.commit('apps: as before'), ['model-tiny-stories'])
      }),
    patient,
  )

  test('git-watch may ask for a look and repeat the last sync of a model, and nothing else', async () => {
    const client = await asGitWatch(controlPlane)
    const collection = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications'
    const patch = async (name: string, change: object): Promise<string> => {
      const path = `${collection}/${name}?dryRun=All`
      const { statusCode, body } = await client.mergePatch(path, change, AbortSignal.timeout(20_000))
      return `${statusCode} ${await body.text()}`
    }
    const { spec, status } = (await find('model-phi-4')) ?? {}
    const revision = status?.operationState?.syncResult?.revision ?? ''
    const sync = {
      revision,
      resources: [{ group: '', kind: 'Service', name: 'phi-4' }],
      syncOptions: spec?.syncPolicy.syncOptions,
    }
    const operation = (more: object, beside: object = {}) => ({ operation: { sync: { ...sync, ...more }, ...beside } })
    const [is, knows, sets, repeats] = ['may not change what an Application is', 'knows', 'set no other', 'only repeat']
    const annotated = (name: string, value: string) => ({
      metadata: { annotations: { [`argocd.argoproj.io/${name}`]: value } },
    })
    try {
      for (const [what, change, refused, name = 'model-phi-4'] of [
        ['a look', annotated('refresh', 'normal'), ''],
        ['a look of a chart', annotated('refresh', 'normal'), '', 'keda'],
        ['the last sync', operation({}), ''],
        ['the last sync, with retries', operation({}, { retry: { limit: 3 } }), ''],
        ['another folder', { spec: { source: { path: 'elsewhere' } } }, is],
        ['a status', { status: { operationState: { syncResult: { revision: 'x' } } } }, knows],
        ['a sync that seems to run', { status: { operationState: { phase: 'Running' } } }, knows],
        ['no finalizers', { metadata: { finalizers: [] } }, knows],
        ['a label', { metadata: { labels: { a: 'b' } } }, knows],
        ['a hard look', annotated('refresh', 'hard'), sets],
        ['leave to delete', annotated('deletion-approved', '2026-11-30T00:00:00Z'), sets],
        ['no more looks', annotated('skip-reconcile', 'true'), sets],
        ['another commit', operation({ revision: 'main' }), repeats],
        ['a newer commit at a retry', operation({}, { retry: { limit: 1, refresh: true } }), repeats],
        ['the whole Application', operation({ resources: [] }), repeats],
        ['pruning', operation({ prune: true }), repeats],
        ['objects of its own', operation({ manifests: ['{}'] }), repeats],
        ['another source', operation({ source: { repoURL: 'https://example.com/x' } }), repeats],
        ['force', operation({ syncStrategy: { apply: { force: true } } }), repeats],
        ['replacing', operation({ syncOptions: ['Replace=true'] }), repeats],
        ['the last sync of the platform', operation({}), repeats, 'gateway'],
      ] as [string, object, string, string?][]) {
        const answer = await patch(name, change)
        assert.is(answer.slice(0, 3), refused === '' ? '200' : '403', `${what}: ${answer.slice(0, 400)}`)
        assert.match(answer, refused, what)
      }
      for (const path of ['/api/v1/namespaces/argocd/secrets', '/apis/apps/v1/namespaces/models/deployments']) {
        const { statusCode, body } = await client.get(path, AbortSignal.timeout(20_000))
        await body.dump()
        assert.is(statusCode, 403, path)
      }
    } finally {
      await client.close()
    }
  })

  test(
    'in a window commits wait, what is deleted comes back, and a person rolls back by a revert and a sync',
    () =>
      withGitWatch(async () => {
        const [held, bad] = ['qwen3-32b', 'bge-reranker']
        const texts = new Map([held, bad].map((name) => [name, source.read(`apps/models/${name}.yaml`)]))
        const add = (name: string, word: string) =>
          source.edit(`apps/models/${name}.yaml`, /^engine/m, `env: { ${word}: "1" }\nengine`)
        add(bad, 'BAD')
        source.edit(`apps/models/${bad}.yaml`, 'maxReplicas: 1', 'maxReplicas: 2')
        await synced(scene, source.commit('apps: a bad change'), [`model-${bad}`])
        source.setSyncWindows('{ kind: deny, schedule: "0 0 * * *", duration: 24h }')
        await synced(scene, source.commit('clusters: no rollouts now'), ['root'])

        add(held, 'HELD')
        source.write(`apps/models/${bad}.yaml`, texts.get(bad) ?? '')
        const revert = source.commit('apps: a change, and the bad one is taken back')
        await until('Applications that wait', 60, async () => {
          await refresh(controlPlane)
          const all = await Promise.all([held, bad].map((name) => find(`model-${name}`)))
          const wait = all.every(
            (one) => one?.status?.sync?.status === 'OutOfSync' && one.status.sync.revision === revert,
          )
          return wait ? true : JSON.stringify(all.map((one) => one?.status?.sync))
        })

        await controlPlane.kubectl('delete', 'service', 'phi-4', '--namespace', 'models')
        const started = performance.now()
        await until('the deleted Service', 150, async () => {
          const { status } = await controlPlane.kubectl('get', 'service', 'phi-4', '--namespace', 'models')
          return status === 0 ? true : 'it is away'
        })
        console.log(
          `in a window a deleted Service was back after ${Math.round((performance.now() - started) / 1000)} s`,
        )
        assert.is(await variable(held, 'HELD'), undefined)
        assert.is(await variable(bad, 'BAD'), '1')

        // docs/how-to/roll-back.md: the way back in a window. Argo CD's own rollback is refused.
        if (controlPlane.own) {
          const { status, log, out } = await controlPlane.run('argocd', ['app', 'rollback', `model-${bad}`])
          assert.is.not(status, 0)
          assert.match(log + out, /rollback cannot be initiated when auto-sync is enabled/)
        }
        await controlPlane.kubectl(
          ...['patch', 'application', `model-${bad}`, '--namespace', 'argocd', '--type=merge'],
          ...['--patch', rollbackPatch.replace('YOU', 'a person').replace('COMMIT', revert)],
        )
        await synced(scene, revert, [`model-${bad}`])
        assert.is(await variable(bad, 'BAD'), undefined)
        const scaledObject = ['get', 'scaledobjects.keda.sh', bad, '--namespace', 'models']
        assert.is((await controlPlane.kubectl(...scaledObject)).status, 1, 'what the bad change added is gone')
        assert.is(await variable(held, 'HELD'), undefined)

        source.setSyncWindows('')
        source.write(`apps/models/${held}.yaml`, texts.get(held) ?? '')
        await synced(
          scene,
          source.commit('clusters: rollouts again'),
          [held, bad].map((name) => `model-${name}`),
        )
      }),
    { timeoutSeconds: 420 },
  )
}
