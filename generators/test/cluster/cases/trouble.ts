// Bad commits, a repository that is away, an API server that restarts.
import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { assert } from '../../../../test/spec.ts'
import { applications, refresh, refusals } from '../applications.ts'
import { until } from '../control-plane.ts'
import { type Cases, synced } from './scene.ts'

export const troubleCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const one = async (name: string) => (await applications(controlPlane)).find(({ metadata }) => metadata.name === name)
  const words = async (name: string): Promise<string> => {
    const { status } = (await one(name)) ?? {}
    return [...(status?.conditions ?? []).map(({ message }) => message), status?.operationState?.message ?? ''].join(
      ' ',
    )
  }
  const healthy = async (name: string): Promise<void> => {
    assert.is((await one(name))?.status?.health?.status, 'Healthy', name)
  }

  for (const [what, text, pattern, refusedObjects] of [
    [
      'broken YAML',
      'apiVersion: v1\nkind: Service\nmetadata: { name: bad\nspec: [\n',
      /yaml|unmarshal|did not find|parse/i,
      0,
    ],
    [
      'an object that the API server refuses',
      'apiVersion: v1\nkind: Service\nmetadata: { name: bad, namespace: models }\nspec: { ports: [{ port: 99999 }] }\n',
      /99999|1-65535|between 1 and 65535/,
      1,
    ],
  ] as const) {
    test(
      `${what} stops its own Application with a message, and the others go on`,
      async () => {
        const path = `clusters/${source.cluster}/rendered/model-qwen3-32b/service-bad.yaml`
        const good = source.read('apps/models/bge-reranker.yaml')
        source.edit('apps/models/bge-reranker.yaml', /^engine/m, 'env: { ROUND: "1" }\nengine')
        source.commit('apps: a good change')
        source.write(path, text)
        const revision = source.commit('by hand', { render: false })
        try {
          let round = 0
          await until('the message', 90, async () => {
            if (round++ % 10 === 0) await refresh(controlPlane)
            const said = await words('model-qwen3-32b')
            return pattern.test(said) ? true : said
          })
          const stopped = await one('model-qwen3-32b')
          const texts = stopped === undefined ? [] : refusals(stopped, source)
          assert.is(texts.length, refusedObjects)
          for (const text of texts) assert.ok(text.startsWith(`${path}:4:25 Service models/bad\n`), text)
          await synced(scene, revision, ['model-bge-reranker'])
          await healthy('model-qwen3-32b')
        } finally {
          source.remove(path)
          source.write('apps/models/bge-reranker.yaml', good)
        }
        await synced(scene, source.commit('without it'), ['model-qwen3-32b', 'model-bge-reranker'])
      },
      { timeoutSeconds: 300 },
    )
  }

  test(
    'the repository is away for a while: everything runs on, and what was committed meanwhile is synced afterwards',
    async () => {
      source.edit('apps/models/tiny-stories.yaml', /^(engine|scaling)/m, 'env: { AWAY: "1" }\n$1')
      const revision = source.commit('apps: while nobody looks')
      renameSync(source.bare, `${source.bare}.away`)
      try {
        await refresh(controlPlane)
        await until('a complaint', 60, async () =>
          /repository|not found|exit status|unable/i.test(await words('model-tiny-stories'))
            ? true
            : words('model-tiny-stories'),
        )
        await healthy('model-phi-4')
      } finally {
        renameSync(`${source.bare}.away`, source.bare)
      }
      await synced(scene, revision, ['model-tiny-stories'], 150)
      source.edit('apps/models/tiny-stories.yaml', 'env: { AWAY: "1" }\n', '')
      await synced(scene, source.commit('apps: as before'), ['model-tiny-stories'])
    },
    { timeoutSeconds: 400 },
  )

  const restart = process.env.CLUSTER_RESTART_API
  if (restart === undefined) {
    test.skip('the API server restarts: everything converges again', 'CLUSTER_RESTART_API is not set')
    return
  }
  test(
    'the API server restarts: everything converges again',
    async () => {
      execFileSync('bash', ['-c', restart], { env: controlPlane.environment, stdio: 'pipe' })
      source.edit('apps/models/tiny-stories.yaml', /^(engine|scaling)/m, 'env: { RESTARTED: "1" }\n$1')
      await synced(scene, source.commit('apps: after a restart'), ['model-tiny-stories'], 120)
    },
    { timeoutSeconds: 240 },
  )
}
