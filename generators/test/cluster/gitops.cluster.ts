// What synth renders, on a real API server with a real Argo CD: accepted, scheduled, synced, healed, pruned. Only commits change it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from '../../../test/spec.ts'
import { bootstrapProject, rootApplication } from '../../render/argocd/root.ts'
import { absentControllers, standIn } from './absent-controllers.ts'
import { applications, expectedHealth, settled } from './applications.ts'
import { AwsMock, balancerController, makePlatform } from './aws-mock.ts'
import { admissionCases } from './cases/admission.ts'
import { changeCases } from './cases/changes.ts'
import { deletionCases } from './cases/deleted.ts'
import { gatewayCases } from './cases/gateway.ts'
import { loadBalancerCases } from './cases/load-balancer.ts'
import { networkCases } from './cases/network.ts'
import { operationCases } from './cases/operations.ts'
import { placementCases } from './cases/placement.ts'
import { replicaCases } from './cases/replicas.ts'
import { type Scene, truthful } from './cases/scene.ts'
import { smokeCases } from './cases/smoke.ts'
import { troubleCases } from './cases/trouble.ts'
import { weightCases } from './cases/weights.ts'
import { windowCases } from './cases/windows.ts'
import { ControlPlane, clusterGitUrl, noCluster, until } from './control-plane.ts'
import { GitSource } from './git-source.ts'
import { endJobPods } from './job-pods.ts'
import { simulatedNodes } from './simulated-nodes.ts'

const clusterName = process.env.CLUSTER ?? 'prod'

/** In this order on one cluster; each leaves it as it found it. `CLUSTER_CASES` names those to run, separated by commas. */
const groups = {
  admission: admissionCases,
  placement: placementCases,
  network: networkCases,
  'load-balancer': loadBalancerCases,
  replicas: replicaCases,
  changes: changeCases,
  gateway: gatewayCases,
  smoke: smokeCases,
  operations: operationCases,
  windows: windowCases,
  trouble: troubleCases,
  weights: weightCases,
  deleted: deletionCases,
}
/** Room for the models of the cases beside those of the catalogue. */
const cpuNodes = 8
const chosen = process.env.CLUSTER_CASES?.split(',')

describe('a cluster that follows Git', (test) => {
  const reason = noCluster()
  if (reason !== undefined) {
    test.skip('is synced, healed and pruned by Argo CD', reason)
    return
  }
  const source = new GitSource(clusterName)
  const controlPlane = new ControlPlane()
  const scene: Scene = { source, controlPlane, balancer: undefined }
  // Controllers that are not here do their part all the time.
  let watching = true
  const watch = async (): Promise<void> => {
    while (watching) {
      await standIn(controlPlane).catch(() => 0)
      await endJobPods(controlPlane).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 2000))
    }
  }
  test.after(() => {
    watching = false
    controlPlane.down()
    source.drop()
  })
  const minutes = (count: number) => ({ timeoutSeconds: count * 60 })

  test(
    'starts, with the nodes that the plan chose and the load balancer that the platform makes',
    async () => {
      const { plan } = source
      const nodesFile = join(source.folder, 'nodes.json')
      writeFileSync(
        nodesFile,
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items: simulatedNodes(plan, cpuNodes) }),
      )
      controlPlane.up({
        nodesFile,
        repository: { url: plan.cluster.gitops.repoUrl, path: source.bare },
        externalTags: String(source.chart('aws-load-balancer-controller').values.externalManagedTags ?? ''),
      })
      if (controlPlane.own) {
        const aws = new AwsMock(controlPlane)
        scene.balancer = { aws, arn: await makePlatform(aws, plan.cluster) }
      }
      void watch()
      if (controlPlane.own) console.log(balancerController(controlPlane, source))
      console.log(`charts that a folder replaces: ${[...source.mirrored].join(', ')}`)
      for (const { controller, resource } of absentControllers)
        console.log(`${controller} is not here: the test writes the status of ${resource}`)
      console.log('no kubelet runs programs here: the test runs a smoke test, or says that the pod of a Job ended well')
      for (const [name, { health, reason: why }] of Object.entries(await expectedHealth(controlPlane)))
        console.log(`${name} is expected to be ${health}: ${why}`)
    },
    minutes(5),
  )

  test(
    'comes up from the root Application alone: everything Synced and, but for the table, Healthy',
    async () => {
      const { cluster: planned } = source.plan
      const repoUrl = clusterGitUrl ?? planned.gitops.repoUrl
      const cluster = { ...planned, gitops: { ...planned.gitops, repoUrl } }
      await controlPlane.apply([bootstrapProject(cluster), rootApplication(cluster)])
      const started = performance.now()
      await until('all Applications', 240, async () => {
        const names = new Set((await applications(controlPlane)).map(({ metadata }) => metadata.name))
        const missing = source.plan.models.filter(({ name }) => !names.has(`model-${name}`))
        return missing.length > 0 ? `not there: ${missing.map(({ name }) => name).join(', ')}` : settled(scene)
      })
      const { length } = await applications(controlPlane)
      console.log(`${length} Applications in ${Math.round((performance.now() - started) / 1000)} s`)
    },
    minutes(5),
  )

  for (const [group, add] of Object.entries(groups))
    if (chosen === undefined || chosen.includes(group)) add(truthful(test, scene), scene)
})
