// What somebody deletes by hand comes back by itself: no commit, no sync by hand, and nobody asks Argo CD to look.
import { stringify } from 'yaml'
import { assert } from '../../../../test/spec.ts'
import { loadBalancer } from '../../../schema/contract.ts'
import { applications, refresh, settled } from '../applications.ts'
import { pairsOf, valuesOf } from '../aws-mock.ts'
import { until } from '../control-plane.ts'
import { untruths } from '../git-truth.ts'
import { type Cases, synced } from './scene.ts'

export const deletionCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const uidOf = async (...words: string[]): Promise<string> => {
    const { status, out } = await controlPlane.kubectl('get', ...words, '-o', 'jsonpath={.metadata.uid}')
    return status === 0 ? out : ''
  }

  /** Every Application is there, Synced, as healthy as it should be, and true. */
  async function allBack(): Promise<true | string> {
    const names = (await applications(controlPlane)).map(({ metadata }) => metadata.name)
    const missing = source.applicationNames().filter((name) => !names.includes(name))
    if (missing.length > 0) return `without ${missing.join(', ')}`
    const state = await settled(scene)
    if (state !== true) return state
    const differences = await untruths(controlPlane, source)
    return differences.length === 0 ? true : differences.join('\n')
  }

  /** Deletes objects, each named as kubectl does, and says how long each took to be another one and all to be as before. */
  async function comesBack(objects: readonly string[][], seconds: number, meanwhile = async () => {}): Promise<void> {
    const before = await Promise.all(objects.map((words) => uidOf(...words)))
    assert.ok(!before.includes(''), String(objects))
    const started = performance.now()
    const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`
    const deleted = await Promise.all(objects.map((words) => controlPlane.kubectl('delete', ...words, '--wait=false')))
    for (const { status, log } of deleted) assert.is(status, 0, log)
    await meanwhile()
    const back = new Map<string, string>()
    await until(
      `the return of ${objects.map((words) => words.slice(0, 2).join(' ')).join(', ')}`,
      seconds,
      async () => {
        for (const [index, words] of objects.entries()) {
          const name = words.slice(0, 2).join(' ')
          if (back.has(name)) continue
          const uid = await uidOf(...words)
          if (uid !== '' && uid !== before[index]) back.set(name, elapsed())
        }
        return back.size === objects.length ? allBack() : `back: ${[...back.keys()]}`
      },
    )
    console.log(
      `${[...back].map(([name, time]) => `${name} after ${time}`).join(', ')}; all as before after ${elapsed()}`,
    )
  }

  const namespaces = source.namespaceNames()
  // The balancer is held by the Ingress of one while the other is away.
  const apart = ['gateway', 'edge']
  const rounds = [namespaces.filter((name) => !apart.includes(name)), ...apart.map((name) => [name])]
  for (const names of rounds)
    test(
      `deleted namespaces come back with all that is in them: ${names.join(', ')}`,
      () =>
        comesBack(
          names.map((name) => ['namespace', name]),
          300,
        ),
      { timeoutSeconds: 330 },
    )

  for (const name of ['models', 'platform', 'default'])
    test(
      `a deleted AppProject comes back: ${name}`,
      () => comesBack([['appproject', name, '--namespace', 'argocd']], 120),
      { timeoutSeconds: 150 },
    )

  test(
    'deleted Applications come back: of a model, with its pods, and of the platform, which keeps its objects',
    () =>
      comesBack(
        ['model-phi-4', 'namespace-defaults', 'edge'].map((name) => ['application', name, '--namespace', 'argocd']),
        180,
      ),
    { timeoutSeconds: 210 },
  )

  test(
    'a deleted definition of an add-on comes back, and then the objects of its kind',
    async () => {
      const name = 'scaledobjects.keda.sh'
      const definition = await controlPlane.get<{ metadata: object; status?: object }>('crd', name)
      const { status: _, ...rest } = definition
      // Charts are not reachable here: the stand-in of KEDA’s brings the definition that the chart would. The label is new, so that
      // Argo CD has to write the object, and knows it for its own.
      const metadata = { name, labels: { 'app.kubernetes.io/name': 'keda' } }
      source.write('mirror/keda/crd.yaml', stringify({ ...rest, metadata }))
      await synced(scene, source.commit('the definition is KEDA’s'), ['keda'])
      // Argo CD does not hear of the end of a definition; git-watch, which is not here, has charts look every two minutes.
      await comesBack([['crd', name]], 180, async () => {
        await until('its end', 30, async () => ((await uidOf('crd', name)) === '' ? true : 'still there'))
        await refresh(controlPlane, ['keda'])
      })
    },
    { timeoutSeconds: 300 },
  )

  test(
    'an object that moves between two Applications arrives within a minute, also from one that is not healthy',
    async () => {
      const folder = (app: string) => `clusters/${source.cluster}/rendered/${app}/configmap-moving.yaml`
      const text = (from: string) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: moving, namespace: gateway }\ndata: { in: ${from} }\n`
      const content = async () =>
        (
          await controlPlane.kubectl(
            'get',
            'configmap',
            'moving',
            '--namespace',
            'gateway',
            '-o',
            'jsonpath={.data.in}',
          )
        ).out
      source.write(folder('gateway'), text('gateway'))
      await synced(scene, source.commit('an object', { render: false }), ['gateway'])
      assert.is(await content(), 'gateway')
      source.remove(folder('gateway'))
      source.write(folder('tenants'), text('tenants'))
      source.commit('it moves', { render: false })
      await refresh(controlPlane, ['gateway', 'tenants'])
      const started = performance.now()
      await until('its arrival', 60, async () => {
        const found = await content()
        return found === 'tenants' ? true : found || 'it is nowhere'
      })
      console.log(`an object moved to another Application in ${Math.round((performance.now() - started) / 1000)} s`)
      source.remove(folder('tenants'))
      await synced(scene, source.commit('without it', { render: false }), ['gateway', 'tenants'])
    },
    { timeoutSeconds: 200 },
  )

  test(
    'the deleted anchor Ingress comes back, and the balancer has its ARN and attributes meanwhile and after',
    async () => {
      if (scene.balancer === undefined)
        console.log('AWS is not simulated in this cluster: the balancer was not looked at')
      const look = async (): Promise<void> => {
        if (scene.balancer === undefined) return
        const { aws, arn } = scene.balancer
        const elb = (action: string, values: Record<string, string> = {}) =>
          aws.call('elasticloadbalancing', action, values)
        assert.equal(valuesOf(await elb('DescribeLoadBalancers'), 'LoadBalancerArn'), [arn])
        const pairs = pairsOf(await elb('DescribeLoadBalancerAttributes', { LoadBalancerArn: arn }))
        assert.is(pairs['deletion_protection.enabled'], 'true')
        assert.is(pairs['idle_timeout.timeout_seconds'], String(loadBalancer.idleTimeoutSeconds))
        assert.is(pairs['routing.http.drop_invalid_header_fields.enabled'], 'true')
        assert.is(pairs['routing.http.desync_mitigation_mode'], 'defensive')
      }
      await comesBack([['ingress', 'anchor', '--namespace', 'edge']], 120, look)
      await look()
    },
    { timeoutSeconds: 150 },
  )
}
