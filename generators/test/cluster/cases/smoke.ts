// Healthy means that it answered: a model whose pods are Ready and that answers nothing makes its Application Degraded, with the reason.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argoValues } from '../../../../platform/kubernetes/plan-argocd.ts'
import { runProgram } from '../../../../test/run-program.ts'
import { assert } from '../../../../test/spec.ts'
import { repositoryRoot } from '../../fixture.ts'
import { applications, refresh } from '../applications.ts'
import { until } from '../control-plane.ts'
import { runNothing, runSmoke, variables } from '../job-pods.ts'
import { type Cases, synced } from './scene.ts'

const model = 'smollm2-135m-instruct'
const file = `apps/models/${model}.yaml`

export const smokeCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const folder = mkdtempSync(join(tmpdir(), 'slipway-origin-'))
  writeFileSync(join(folder, 'current'), 'value-of-the-edge')
  let text = ''
  // In the place of gateway and engine: Ready, and its answers are what the case wants.
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const chunk = { choices: [{ delta: { content: text } }], usage: { prompt_tokens: 3, completion_tokens: 1 } }
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`)
  })
  test.after(() => {
    runNothing(model)
    server.close()
    rmSync(folder, { recursive: true })
  })

  const state = async () => {
    const found = (await applications(controlPlane)).find(({ metadata }) => metadata.name === `model-${model}`)
    return { health: found?.status?.health?.status, sync: found?.status?.sync?.status }
  }
  test(
    'a model that is Ready and answers nothing is Degraded',
    async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const { configs } = argoValues(source.plan.cluster) as { configs: { cm: Record<string, string> } }
      const keys = ['health', 'useOpenLibs'].map((what) => `resource.customizations.${what}.batch_Job`)
      const patch = JSON.stringify({ data: Object.fromEntries(keys.map((key) => [key, configs.cm[key]])) })
      const { status, log } = await controlPlane.kubectl(
        'patch',
        'configmap',
        'argocd-cm',
        '--namespace',
        'argocd',
        '--type=merge',
        '--patch',
        patch,
      )
      assert.is(status, 0, log)
      runSmoke(model, async (program) => {
        const env = {
          GATEWAY_URL: `http://127.0.0.1:${port}`,
          ORIGIN_SECRET_FOLDER: folder,
          SMOKE: variables(program).SMOKE ?? '',
          SMOKE_PAUSE_MS: '20',
          KUBERNETES_SERVICE_HOST: '',
        }
        const ended = await runProgram(process.execPath, [join(repositoryRoot, 'gateway/smoke/main.ts')], { env })
        return ended.status ?? 1
      })
      source.edit(file, /^engine/m, 'env: { SMOKE_ROUND: "1" }\nengine')
      source.commit('apps: a rollout')
      let round = 0
      await until('a Degraded model', 120, async () => {
        if (round++ % 10 === 0) await refresh(controlPlane)
        const { health, sync } = await state()
        return health === 'Degraded' && sync === 'Synced' ? true : `${health} ${sync}`
      })
      const others = (await applications(controlPlane)).filter(({ metadata }) => metadata.name.startsWith('model-'))
      const degraded = others.filter(({ status: its }) => its?.health?.status === 'Degraded')
      assert.equal(
        degraded.map(({ metadata }) => metadata.name),
        [`model-${model}`],
      )
    },
    { timeoutSeconds: 240 },
  )

  test(
    'the next commit is synced though, and Healthy when the model answers',
    async () => {
      text = 'Hello.'
      source.edit(file, 'env: { SMOKE_ROUND: "1" }\n', '')
      await synced(scene, source.commit('apps: the way back'), [`model-${model}`], 120)
    },
    { timeoutSeconds: 180 },
  )
}
