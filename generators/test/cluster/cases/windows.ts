// How a commit arrives without anybody's help, what a sync window stops and what not, and how a model is rolled back, also in a window.
import { assert } from '../../../../test/spec.ts'
import { serviceAccounts } from '../../../schema/contract.ts'
import { type Application, applications, refresh } from '../applications.ts'
import { until } from '../control-plane.ts'
import { GitWatchOutside } from '../git-watch-outside.ts'
import { type Cases, patient, synced } from './scene.ts'

const account = `system:serviceaccount:${serviceAccounts.gitWatch.namespace}:${serviceAccounts.gitWatch.name}`

interface Deployment {
  spec: { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } }
}

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
    'git-watch lets a commit arrive while nobody tells Argo CD to look',
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

  test('git-watch may ask for a look and repeat the last sync, and nothing else', async () => {
    const patch = (change: object) =>
      controlPlane.kubectl(
        ...['patch', 'application', 'model-phi-4', '--namespace', 'argocd', '--as', account],
        ...['--type=merge', '--dry-run=server', '--patch', JSON.stringify(change)],
      )
    const last = (await find('model-phi-4'))?.status?.operationState?.syncResult?.revision ?? ''
    const resources = [{ kind: 'Service', name: 'phi-4' }]
    for (const [what, change, refused] of [
      ['a look', { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } }, ''],
      ['the last sync', { operation: { sync: { revision: last, resources } } }, ''],
      ['another folder', { spec: { source: { path: 'elsewhere' } } }, 'may not change what an Application is'],
      ['another commit', { operation: { sync: { revision: 'main' } } }, 'may only repeat the last sync'],
      ['pruning', { operation: { sync: { revision: last, prune: true } } }, 'may only repeat the last sync'],
      [
        'objects of its own',
        { operation: { sync: { revision: last, manifests: ['{}'] } } },
        'may only repeat the last sync',
      ],
    ] as const) {
      const { status, log } = await patch(change)
      assert.is(status, refused === '' ? 0 : 1, `${what}: ${log}`)
      assert.match(log, refused, what)
    }
    for (const words of [
      ['delete', 'application', 'model-phi-4', '--namespace', 'argocd', '--dry-run=server'],
      ['get', 'secrets', '--namespace', 'argocd'],
      ['patch', 'deployment', 'phi-4', '--namespace', 'models', '--type=merge', '--patch', '{}'],
    ]) {
      const { status, log } = await controlPlane.kubectl(...words, '--as', account)
      assert.is(status, 1, words.join(' '))
      assert.match(log, /forbidden/i)
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
        await until('the deleted Service', 120, async () => {
          const { status } = await controlPlane.kubectl('get', 'service', 'phi-4', '--namespace', 'models')
          return status === 0 ? true : 'it is away'
        })
        console.log(
          `in a window a deleted Service was back after ${Math.round((performance.now() - started) / 1000)} s`,
        )
        assert.is(await variable(held, 'HELD'), undefined)
        assert.is(await variable(bad, 'BAD'), '1')

        // docs/gitops.md: the way back in a window. Argo CD's own rollback is refused.
        if (controlPlane.own) {
          const { status, log, out } = await controlPlane.run('argocd', ['app', 'rollback', `model-${bad}`])
          assert.is.not(status, 0)
          assert.match(log + out, /rollback cannot be initiated when auto-sync is enabled/)
        }
        const operation = { initiatedBy: { username: 'a person' }, sync: { revision: revert } }
        await controlPlane.kubectl(
          ...['patch', 'application', `model-${bad}`, '--namespace', 'argocd', '--type=merge'],
          ...['--patch', JSON.stringify({ operation })],
        )
        await synced(scene, revert, [`model-${bad}`])
        assert.is(await variable(bad, 'BAD'), undefined)
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
