// Pod Security and projects: what the API server and Argo CD must refuse.
import { assert } from '../../../../test/spec.ts'
import { applications } from '../applications.ts'
import { until } from '../control-plane.ts'
import { type Cases, patient, synced } from './scene.ts'

const privileged = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'privileged', namespace },
  spec: { containers: [{ name: 'a', image: 'a:1', securityContext: { privileged: true } }] },
})

interface Namespace {
  metadata: { name: string; labels?: Record<string, string> }
}

export const admissionCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  test('Pod Security refuses a privileged pod in every namespace that it guards', async () => {
    const namespaces = await controlPlane.list<Namespace>(
      'namespaces',
      '--selector',
      'app.kubernetes.io/part-of=slipway',
    )
    const guarded = namespaces.filter(
      ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'privileged',
    )
    assert.ok(guarded.length >= 4, String(namespaces.length))
    for (const { metadata } of guarded) {
      const refused = await controlPlane.apply(privileged(metadata.name), '--dry-run=server').catch(String)
      assert.match(String(refused), /violates PodSecurity/, metadata.name)
    }
  })

  test('every pod of ours was admitted: each Deployment has the pods that it asks for', async () => {
    interface Deployment {
      metadata: { name: string; namespace: string }
      spec: { replicas: number }
      status?: { replicas?: number; conditions?: { type: string; reason: string; message: string }[] }
    }
    const deployments = await controlPlane.list<Deployment>(
      'deployments',
      '--all-namespaces',
      '--selector',
      'app.kubernetes.io/part-of=slipway',
    )
    assert.ok(deployments.length > source.plan.models.length)
    for (const { metadata, spec, status } of deployments) {
      const failure = status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
      assert.is(failure, undefined, `${metadata.name}: ${failure?.message}`)
      assert.is(status?.replicas ?? 0, spec.replicas, metadata.name)
    }
  })

  test(
    'the project refuses an object of the whole cluster that somebody put into a model’s folder',
    async () => {
      const app = 'model-gpt2'
      const path = `clusters/${source.cluster}/rendered/${app}/clusterrole-sneaky.yaml`
      source.write(
        path,
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: sneaky }\nrules: [{ apiGroups: [""], resources: [secrets], verbs: [get] }]\n',
      )
      source.commit('sneaky', { render: false })
      await until('a refusal', 60, async () => {
        await controlPlane.kubectl(
          'annotate',
          'application',
          app,
          '--namespace',
          'argocd',
          '--overwrite',
          'argocd.argoproj.io/refresh=normal',
        )
        const one = (await applications(controlPlane)).find(({ metadata }) => metadata.name === app)
        const words = `${one?.status?.operationState?.message} ${one?.status?.conditions?.map(({ message }) => message).join(' ')}`
        return /sneaky|ClusterRole/.test(words) && /not permitted/.test(words) ? true : words
      })
      assert.is((await controlPlane.kubectl('get', 'clusterrole', 'sneaky')).status, 1)
      source.remove(path)
      const revision = source.commit('without it')
      await synced(scene, revision, [app])
    },
    patient,
  )
}
