// The ALB as the Load Balancer Controller will meet it: what Pulumi makes and what the Ingresses in Git say must be one thing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type Graph, named, ofType } from '../../graph/graph.ts'
import { defaultTags } from '../../tags.ts'
import { clusterNames, clusterOf, graphOf } from '../../test/graphs.ts'
import { addonOf, rendered } from '../../test/repository.ts'

const prefix = 'alb.ingress.kubernetes.io'

interface PolicyStatement {
  Sid: string
  Effect: string
  Action: string | string[]
  Resource: string | string[]
}

const controllerStatements = (graph: Graph): PolicyStatement[] => {
  const { inputs } = named(graph, `${graph.cluster}-pods-load-balancer-policy`)
  return (JSON.parse(String(inputs.policy)) as { Statement: PolicyStatement[] }).Statement
}

for (const cluster of clusterNames.map(clusterOf)) {
  const annotations = rendered(cluster, 'edge/ingress-anchor.yaml').metadata.annotations ?? {}
  const annotation = (key: string): string => annotations[`${prefix}/${key}`] ?? ''
  const parameters = rendered(cluster, 'ingress-class/ingressclassparams-slipway.yaml').spec as {
    loadBalancerAttributes: { key: string; value: string }[]
    wafv2AclName: string
  }
  const attributes = Object.fromEntries(parameters.loadBalancerAttributes.map(({ key, value }) => [key, value]))
  const controller = addonOf('aws-load-balancer-controller', cluster)
  const balancer = async () => named(await graphOf(cluster), `${cluster.name}-load-balancer-alb`)
  const listener = async () => named(await graphOf(cluster), `${cluster.name}-load-balancer-listener`)

  describe(`load balancer of ${cluster.name}`, (test) => {
    test('carries the three tags by which the controller adopts it', async () => {
      const tags = (await balancer()).inputs.tags as Record<string, string>
      assert.is(tags['elbv2.k8s.aws/cluster'], controller.values.clusterName)
      assert.is(tags['ingress.k8s.aws/stack'], annotation('group.name'))
      assert.is(tags['ingress.k8s.aws/resource'], 'LoadBalancer')
    })

    test('has only tags that the controller makes itself or is configured to leave', async () => {
      const own = ['elbv2.k8s.aws/cluster', 'ingress.k8s.aws/stack', 'ingress.k8s.aws/resource']
      const left = controller.values.externalManagedTags as string[]
      const keys = [...Object.keys((await balancer()).inputs.tags as object), ...Object.keys(defaultTags(cluster))]
      assert.equal(
        keys.filter((key) => !own.includes(key) && !left.includes(key)),
        [],
      )
    })

    test('is what the Ingresses and their class ask for, so that adoption changes nothing', async () => {
      const { inputs } = await balancer()
      assert.is(inputs.internal, annotation('scheme') === 'internal')
      assert.is(inputs.ipAddressType, annotation('ip-address-type'))
      assert.is(String(inputs.enableDeletionProtection), attributes['deletion_protection.enabled'])
      assert.is(String(inputs.idleTimeout), attributes['idle_timeout.timeout_seconds'])
      assert.is(String(inputs.dropInvalidHeaderFields), attributes['routing.http.drop_invalid_header_fields.enabled'])
      assert.is(inputs.desyncMitigationMode, attributes['routing.http.desync_mitigation_mode'])
    })

    test('has exactly the listener that the Ingresses name: the controller deletes all others', async () => {
      const { inputs } = await listener()
      const graph = await graphOf(cluster)
      assert.is(ofType(graph, 'aws:lb/listener:Listener').length, 1)
      assert.is(JSON.stringify([{ [String(inputs.protocol)]: inputs.port }]), annotation('listen-ports'))
    })

    test('has the security group that the Ingresses name, and no other', async () => {
      const group = named(await graphOf(cluster), `${cluster.name}-load-balancer-group`)
      assert.is((group.inputs.tags as Record<string, string>).Name, annotation('security-groups'))
      assert.equal(((await balancer()).inputs.securityGroups as string[]).length, 1)
      assert.is(annotation('manage-backend-security-group-rules'), 'false')
    })

    test('answers 502 with an error in JSON until Argo CD has synced', async () => {
      const [action] = (await listener()).inputs.defaultActions as { fixedResponse: Record<string, string> }[]
      const { statusCode, contentType, messageBody = '' } = action?.fixedResponse ?? {}
      assert.equal([statusCode, contentType], ['502', 'application/json'])
      assert.is((JSON.parse(messageBody) as { error: { code: string } }).error.code, 'gateway_not_deployed')
      assert.ok(messageBody.length <= 1024, 'AWS takes 1,024 characters')
    })

    test('stays as the controller leaves it: Pulumi ignores what changes with adoption', async () => {
      assert.equal((await balancer()).ignoreChanges, ['securityGroups', 'tags', 'tagsAll'])
      assert.equal((await listener()).ignoreChanges, ['defaultActions', 'tags', 'tagsAll'])
    })

    test('reaches the pods on the ports of the gateway’s Service and health check, and on no other', async () => {
      const graph = await graphOf(cluster)
      const from = `sg-${/sg-(\w+)/.exec(String((await balancer()).inputs.securityGroups))?.[1]}`
      const out = ofType(graph, 'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule').filter(
        ({ inputs }) => inputs.securityGroupId === from,
      )
      const service = rendered(cluster, 'gateway/service-gateway.yaml').spec.ports as { port: number; name: string }[]
      const health = rendered(cluster, 'gateway/ingress-gateway.yaml').metadata.annotations?.[
        `${prefix}/healthcheck-port`
      ]
      const wanted = [service.find(({ name }) => name === 'http')?.port, Number(health)].sort()
      assert.equal(out.map(({ inputs }) => inputs.toPort).sort(), wanted)
      const into = ofType(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').filter(
        ({ inputs }) => inputs.referencedSecurityGroupId === from,
      )
      assert.equal(into.map(({ inputs }) => inputs.toPort).sort(), wanted)
    })

    test('cannot be deleted by the controller, whatever happens to the Ingresses', async () => {
      const graph = await graphOf(cluster)
      const denied = controllerStatements(graph).filter(({ Effect }) => Effect === 'Deny')
      assert.equal(
        denied.map(({ Action, Resource }) => [Action, Resource]),
        [
          ['elasticloadbalancing:DeleteLoadBalancer', graph.outputs.loadBalancerArn],
          ['elasticloadbalancing:DeleteListener', graph.outputs.listenerArn],
        ],
      )
    })

    test('lets the controller look up the web ACL that the class names', async () => {
      assert.ok(parameters.wafv2AclName !== '')
      assert.ok(controllerStatements(await graphOf(cluster)).some(({ Action }) => Action === 'wafv2:ListWebACLs'))
    })
  })
}

describe('rights of the Load Balancer Controller', (test) => {
  const [cluster] = clusterNames.map(clusterOf)

  test('are those published for the chart version in apps/addons', () => {
    if (cluster === undefined) throw new Error('there is no cluster')
    const { version } = addonOf('aws-load-balancer-controller', cluster)
    assert.ok(readFileSync(join(root, `platform/iam/load-balancer-controller-${version}.json`), 'utf8'))
    const source = readFileSync(join(root, 'platform/kubernetes/plan-identities.ts'), 'utf8')
    assert.match(source, `./iam/load-balancer-controller-${version}.json`)
  })
})
