// What every case works on; cases run in order, on one cluster, and leave it as they found it.
import type { Test } from '../../../../test/spec.ts'
import { applications, refresh, settled } from '../applications.ts'
import type { AwsMock } from '../aws-mock.ts'
import { type ControlPlane, until } from '../control-plane.ts'
import type { GitSource } from '../git-source.ts'
import { untruths } from '../git-truth.ts'

export interface Scene {
  source: GitSource
  controlPlane: ControlPlane
  /** The balancer that the platform program would have made; undefined where AWS is not simulated. */
  balancer: { aws: AwsMock; arn: string } | undefined
}

export type Cases = (test: Test, scene: Scene) => void

/** Adds cases after which what Argo CD calls Synced must be what Git says. */
export function truthful(test: Test, { source, controlPlane }: Scene): Test {
  const add: (...words: Parameters<Test>) => void = (sentence, body, options) =>
    test(
      sentence,
      async () => {
        await body()
        let round = 0
        await until('the truth of what is Synced', 30, async () => {
          // As git-watch does: an Application that nobody waited for may not have heard of the last commit.
          if (++round % 10 === 0) await refresh(controlPlane)
          const wrong = await untruths(controlPlane, source)
          return wrong.length === 0 ? true : wrong.join('\n')
        })
      },
      options,
    )
  return Object.assign(add, { skip: test.skip, before: test.before, after: test.after })
}

export const patient = { timeoutSeconds: 180 }

/** Asks Argo CD to look, and waits until the named Applications are at the commit, Synced and as healthy as they should be. */
export async function synced(scene: Scene, revision: string, names: readonly string[], seconds = 90): Promise<void> {
  let round = 0
  await until(`${names.join(', ')} at ${revision.slice(0, 8)}`, seconds, async () => {
    if (round++ % 10 === 0) await refresh(scene.controlPlane)
    return settled(scene, { names, revision })
  })
}

export async function gone({ controlPlane }: Scene, name: string, seconds = 90): Promise<void> {
  let round = 0
  await until(`the end of ${name}`, seconds, async () => {
    if (round++ % 10 === 0) await refresh(controlPlane)
    const left = (await applications(controlPlane)).map(({ metadata }) => metadata.name)
    return left.includes(name) ? 'still there' : true
  })
}

/** A further small model on one L4, as a pull request would add it, with the lock of a model that is there. */
export const extraModel = (name: string, cluster: string): { yaml: string; lock: string } => ({
  yaml: `model: HuggingFaceTB/SmolLM2-135M-Instruct
revision: 12fd25f77366fa6b3b4b768ec3050bf629380bac
engine: vllm
accelerator: l4
scaling: { minReplicas: 1, maxReplicas: 1 }
aliases: [${name}-alias]
clusters:
  ${cluster}: {}
`,
  lock: 'smollm2-135m-instruct',
})
