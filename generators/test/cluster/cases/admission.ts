// What the API server takes, and what it, Pod Security and Argo CD’s projects must refuse.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { assert } from '../../../../test/spec.ts'
import { repositoryRoot } from '../../fixture.ts'
import { applications } from '../applications.ts'
import { type ControlPlane, until } from '../control-plane.ts'
import { refusal } from '../refusal.ts'
import { type Cases, patient, synced } from './scene.ts'

const privileged = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'privileged', namespace },
  spec: { containers: [{ name: 'a', image: 'a:1', securityContext: { privileged: true } }] },
})

interface Rendered {
  path: string
  object: { apiVersion: string; kind: string }
}

/** The committed files, of every cluster. */
const rendered = (): Rendered[] =>
  globSync('clusters/*/rendered/*/*.yaml', { cwd: repositoryRoot })
    .sort()
    .map((path) => ({ path, object: parse(readFileSync(join(repositoryRoot, path), 'utf8')) as Rendered['object'] }))

const kindOf = ({ apiVersion, kind }: Rendered['object']): string => `${apiVersion} ${kind}`

const isBuiltIn = ({ apiVersion }: Rendered['object']): boolean =>
  !apiVersion.includes('.') || apiVersion.includes('.k8s.io/')

/** `group/version kind` of everything that the server serves. */
async function servedKinds(controlPlane: ControlPlane): Promise<Set<string>> {
  const { out } = await controlPlane.kubectl('api-resources', '--no-headers', '-o', 'wide')
  return new Set(
    out.split('\n').map((line) => {
      const columns = line.trim().split(/\s+/)
      const version = columns.findIndex((column) => /^(?:[a-z0-9.-]+\/)?v\d\w*$/.test(column))
      return `${columns[version]} ${columns[version + 2]}`
    }),
  )
}

interface Namespace {
  metadata: { name: string; labels?: Record<string, string> }
}

export const admissionCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const dryRun = (paths: readonly string[]) => {
    const files = paths.flatMap((path) => ['-f', join(repositoryRoot, path)])
    const strict = ['--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server']
    return controlPlane.kubectl('apply', ...strict, ...files)
  }

  test(
    'every rendered object of every cluster is accepted by server-side apply with strict field validation',
    async () => {
      const all = rendered()
      const served = await servedKinds(controlPlane)
      const known = all.filter(({ object }) => served.has(kindOf(object)))
      const absent = all.filter((one) => !known.includes(one))
      for (const kind of new Set(absent.map(({ object }) => object.kind)))
        console.log(`no definition of ${kind} here: not checked`)
      // Only custom resources may be unknown to a server; a built-in kind that is missing was never checked.
      assert.equal(
        absent.filter(({ object }) => isBuiltIn(object)).map(({ path }) => path),
        [],
      )
      // A Job cannot be changed, and each cluster’s has its own: it is tried under a new name.
      const jobs = known.filter(({ object }) => object.kind === 'Job')
      const applied = known.filter((one) => !jobs.includes(one))
      const items = jobs.map(({ object }) => {
        const { namespace } = (object as unknown as { metadata: { namespace: string } }).metadata
        return { ...object, metadata: { namespace, name: 'smoke-of-test' } }
      })
      const created = await controlPlane.run(
        'kubectl',
        ['create', '--validate=strict', '--dry-run=server', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      )
      assert.is(created.status, 0, created.log)
      assert.is(created.out.trim().split('\n').length, jobs.length)
      const answer = await dryRun(applied.map(({ path }) => path))
      const refused: string[] = []
      // Message by message only when there is one: an apply per file takes longer than all in one.
      if (answer.status !== 0) {
        for (const { path } of applied) {
          const { status, log } = await dryRun([path])
          if (status !== 0) refused.push(refusal(path, log, (one) => readFileSync(join(repositoryRoot, one), 'utf8')))
        }
      }
      assert.is(answer.status, 0, refused.join('\n') || answer.log)
      assert.is(answer.out.trim().split('\n').length, applied.length)
      console.log(
        `${known.length} objects of ${new Set(all.map(({ path }) => path.split('/')[1])).size} clusters accepted`,
      )
    },
    patient,
  )

  test('a field that does not exist is refused', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a', namespace: 'models' },
      spec: { portz: [] },
    }
    assert.match(
      String(await controlPlane.apply(service, '--dry-run=server').catch(String)),
      /unknown field "portz"|portz: field not declared in schema/,
    )
  })

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
