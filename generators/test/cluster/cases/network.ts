// Who may talk to whom, by the NetworkPolicies that the API server holds: no packet flows here, so the stored objects are evaluated.
import { assert } from '../../../../test/spec.ts'
import { namespaces, podIdentityCidr, ports } from '../../../schema/contract.ts'
import { allows, type Endpoint, type Policy } from '../policy-evaluator.ts'
import type { Cases } from './scene.ts'

interface Namespace {
  metadata: { name: string; labels?: Record<string, string> }
}

export const networkCases: Cases = (test, { source, controlPlane }) => {
  test('the network lets through what the design draws, and nothing else', async () => {
    const policies = await controlPlane.list<Policy>('networkpolicies', '--all-namespaces')
    const all = await controlPlane.list<Namespace>('namespaces')
    const pod = (namespace: string, labels: Record<string, string>): Endpoint => ({
      namespace,
      namespaceLabels: all.find(({ metadata }) => metadata.name === namespace)?.metadata.labels ?? {},
      labels,
    })
    const slipway = (name: string, component: string) => ({
      'app.kubernetes.io/name': name,
      'app.kubernetes.io/component': component,
      'app.kubernetes.io/part-of': 'slipway',
    })
    const gateway = pod(namespaces.gateway, slipway('gateway', 'gateway'))
    const [one, two] = source.plan.models
      .slice(0, 2)
      .map(({ name }) => pod(namespaces.models, slipway(name, 'model-server')))
    const scraper = pod(namespaces.monitoring, { 'app.kubernetes.io/name': 'prometheus' })
    const stranger = pod(namespaces.models, { app: 'stranger' })
    const dns = pod('kube-system', { 'k8s-app': 'kube-dns' })
    const { subnets } = source.plan
    const balancer: Endpoint = { address: subnets.loadBalancer[0]?.split('/')[0] ?? '' }
    const internet: Endpoint = { address: '203.0.113.9' }
    const s3: Endpoint = { address: source.plan.infra.s3Cidrs?.[0]?.split('/')[0] ?? '' }
    const agent: Endpoint = { address: podIdentityCidr.split('/')[0] ?? '' }
    const copy = pod(namespaces.models, slipway('any', 'weights-copy'))
    const kubernetes: Endpoint = { address: '172.20.0.1' }
    const metadata: Endpoint = { address: '169.254.169.254' }
    const neighbour: Endpoint = { address: '10.64.7.7' }
    assert.ok(one !== undefined && two !== undefined)
    if (one === undefined || two === undefined) return
    const http = ports.model.number
    const rows: [from: Endpoint, to: Endpoint, port: number, allowed: boolean, what: string][] = [
      [gateway, one, http, true, 'gateway → model'],
      [gateway, one, 22, false, 'gateway → another port of a model'],
      [one, two, http, false, 'model → model'],
      [stranger, one, http, false, 'stranger in models → model'],
      [scraper, one, http, true, 'scraper → metrics of a model'],
      [scraper, gateway, ports.gatewayAdmin.number, true, 'scraper → metrics of the gateway'],
      [scraper, gateway, ports.gateway.number, false, 'scraper → API of the gateway'],
      [balancer, gateway, ports.gateway.number, true, 'load balancer → gateway'],
      [balancer, gateway, ports.gatewayAdmin.number, true, 'load balancer → health of the gateway'],
      [balancer, one, http, false, 'load balancer → model'],
      [one, s3, 443, true, 'model → S3, for weights'],
      [one, agent, 80, true, 'model → Pod Identity agent, for S3'],
      [one, internet, 443, false, 'model → internet'],
      [copy, internet, 443, true, 'copy of weights → internet'],
      [copy, one, http, false, 'copy of weights → model'],
      [one, internet, 80, false, 'model → internet in clear text'],
      [one, metadata, 80, false, 'model → instance metadata'],
      [one, kubernetes, 443, false, 'model → Kubernetes API'],
      [one, neighbour, 443, false, 'model → the VPC'],
      [gateway, kubernetes, 443, true, 'gateway → Kubernetes API'],
      [gateway, internet, 443, true, 'gateway → internet, for keys of issuers'],
      [gateway, metadata, 80, false, 'gateway → instance metadata'],
      [gateway, neighbour, 443, false, 'gateway → the VPC'],
      [one, dns, 53, true, 'model → DNS'],
      [gateway, dns, 53, true, 'gateway → DNS'],
      [stranger, internet, 443, false, 'a pod without a policy of its own → internet'],
    ]
    const wrong = rows.filter(([from, to, port, allowed]) => allows(policies, from, to, port) !== allowed)
    assert.equal(
      wrong.map(([, , , allowed, what]) => `${what}: should be ${allowed ? 'allowed' : 'denied'}`),
      [],
    )
  })
}
