// The balancer that the platform program makes is taken over by the controller, kept as the Ingresses say, and never deleted.
import { join } from 'node:path'
import { assert } from '../../../../test/spec.ts'
import { everything, synthesize } from '../../../pipeline.ts'
import { loadBalancer, ports } from '../../../schema/contract.ts'
import { pairsOf, valuesOf } from '../aws-mock.ts'
import { until } from '../control-plane.ts'
import { type Cases, patient, synced } from './scene.ts'

interface Pod {
  status: { podIP?: string }
}

export const loadBalancerCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  if (!controlPlane.own) {
    test.skip('the controller adopts the balancer of the platform', 'AWS is not simulated in this cluster')
    return
  }
  const elb = async (action: string, values: Record<string, string> = {}): Promise<string> => {
    if (scene.balancer === undefined) throw new Error('AWS is not simulated here')
    return scene.balancer.aws.call('elasticloadbalancing', action, values)
  }
  const arns = async (): Promise<string[]> => valuesOf(await elb('DescribeLoadBalancers'), 'LoadBalancerArn')
  const targetGroup = async (): Promise<string> =>
    valuesOf(await elb('DescribeTargetGroups'), 'TargetGroupArn')[0] ?? ''

  test('the controller adopts the balancer of the platform: the same ARN, its own tags left and no second one', async () => {
    assert.equal(await arns(), [scene.balancer?.arn])
    const tags = await elb('DescribeTags', { 'ResourceArns.member.1': scene.balancer?.arn ?? '' })
    assert.is(pairsOf(tags).Name, source.plan.cluster.name)
  })

  test('its attributes, its one listener and its rules are what the Ingresses say', async () => {
    const attributes = await elb('DescribeLoadBalancerAttributes', { LoadBalancerArn: scene.balancer?.arn ?? '' })
    const pairs = pairsOf(attributes)
    assert.is(pairs['idle_timeout.timeout_seconds'], String(loadBalancer.idleTimeoutSeconds))
    assert.is(pairs['deletion_protection.enabled'], 'true')
    assert.is(pairs['routing.http.drop_invalid_header_fields.enabled'], 'true')
    const listeners = await elb('DescribeListeners', { LoadBalancerArn: scene.balancer?.arn ?? '' })
    assert.equal(valuesOf(listeners, 'Port'), ['80'])
    const [listener = ''] = valuesOf(listeners, 'ListenerArn')
    const rules = await elb('DescribeRules', { ListenerArn: listener })
    assert.ok(rules.includes('/*'), rules)
    assert.ok(rules.includes('fixed-response'), rules)
  })

  test('its target group asks the gateway’s health on the admin port and holds every gateway pod', async () => {
    const groups = await elb('DescribeTargetGroups')
    assert.equal(valuesOf(groups, 'HealthCheckPath'), ['/readyz'])
    assert.equal(valuesOf(groups, 'HealthCheckPort'), [String(ports.gatewayAdmin.number)])
    const pods = await controlPlane.list<Pod>('pods', '--namespace', 'gateway')
    const addresses = pods.map(({ status }) => status.podIP ?? '').sort()
    assert.ok(addresses.length >= 2)
    await until('all targets', 60, async () => {
      const targets = valuesOf(await elb('DescribeTargetHealth', { TargetGroupArn: await targetGroup() }), 'Id').sort()
      return String(targets) === String(addresses) ? true : `${targets} instead of ${addresses}`
    })
  })

  test(
    'when the gateway’s Ingress goes the balancer stays, for the anchor holds it',
    async () => {
      const path = `clusters/${source.cluster}/rendered/gateway/ingress-gateway.yaml`
      const text = source.read(path)
      source.remove(path)
      source.commit('without the gateway’s Ingress', { render: false })
      let round = 0
      await until('the end of the Ingress', 90, async () => {
        if (round++ % 10 === 0)
          await controlPlane.kubectl(
            'annotate',
            'application',
            'gateway',
            '--namespace',
            'argocd',
            '--overwrite',
            'argocd.argoproj.io/refresh=normal',
          )
        const { status } = await controlPlane.kubectl('get', 'ingress', 'gateway', '--namespace', 'gateway')
        return status === 0 ? 'still there' : true
      })
      await until('a balancer without the gateway’s rule', 60, async () => {
        const [listener = ''] = valuesOf(
          await elb('DescribeListeners', { LoadBalancerArn: scene.balancer?.arn ?? '' }),
          'ListenerArn',
        )
        return (await elb('DescribeRules', { ListenerArn: listener })).includes('/*') ? 'rule still there' : true
      })
      assert.equal(await arns(), [scene.balancer?.arn])
      source.write(path, text)
      await synced(scene, source.commit('with it again'), ['gateway'])
      assert.equal(await arns(), [scene.balancer?.arn])
    },
    { timeoutSeconds: 300 },
  )

  test(
    'a commit without the anchor does not take it out of the cluster',
    async () => {
      const path = `clusters/${source.cluster}/rendered/edge/ingress-anchor.yaml`
      const text = source.read(path)
      source.remove(path)
      source.write(
        `clusters/${source.cluster}/rendered/edge/configmap-note.yaml`,
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: note, namespace: edge }\n',
      )
      // `npm run check` refuses such a commit before anybody can merge it.
      const { comparison } = synthesize(join(source.folder, 'tree'), everything, { write: false })
      assert.ok(comparison?.changed.some((one) => one.file.path === path && one.before === undefined))
      source.commit('without the anchor', { render: false })
      let round = 0
      await until('a look at Git', 60, async () => {
        if (round++ % 10 === 0)
          await controlPlane.kubectl(
            'annotate',
            'application',
            'edge',
            '--namespace',
            'argocd',
            '--overwrite',
            'argocd.argoproj.io/refresh=normal',
          )
        const { status } = await controlPlane.kubectl('get', 'configmap', 'note', '--namespace', 'edge')
        return status === 0 ? true : 'not yet'
      })
      assert.is((await controlPlane.kubectl('get', 'ingress', 'anchor', '--namespace', 'edge')).status, 0)
      assert.equal(await arns(), [scene.balancer?.arn])
      source.remove(`clusters/${source.cluster}/rendered/edge/configmap-note.yaml`)
      source.write(path, text)
      await synced(scene, source.commit('with it again'), ['edge'])
    },
    patient,
  )
}
