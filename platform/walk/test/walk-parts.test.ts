// What the walk knows of CloudFront’s patterns, of AWS WAF and of NetworkPolicies, each on small examples.
import { assert, describe } from '../../../test/spec.ts'
import { regionalWebAcl } from '../../edge/plan-regional-web-acl.ts'
import { edgeWebAcl } from '../../edge/plan-web-acl.ts'
import type { Resource } from '../../graph/graph.ts'
import { clusterOf } from '../../test/graphs.ts'
import { matchesPattern } from '../cloudfront.ts'
import type { KubernetesObject } from '../declared.ts'
import { inRange, isOpen, type Peer, type Pod } from '../network-policy.ts'
import type { WalkRequest } from '../request.ts'
import { evaluate } from '../web-acl.ts'

describe('a path pattern of CloudFront', (test) => {
  for (const [pattern, path, matches] of [
    ['/stream/*', '/stream/v1/models', true],
    ['/stream/*', '/stream/', true],
    ['/stream/*', '/stream', false],
    ['/stream/*', '/v1/stream/x', false],
    ['/v1/models', '/v1/models', true],
    ['/v1/models', '/v1/models/gpt2', false],
    ['/v?/models', '/v1/models', true],
    ['/a.b', '/axb', false],
  ] as const)
    test(`${pattern} ${matches ? 'takes' : 'leaves'} ${path}`, () => assert.is(matchesPattern(pattern, path), matches))
})

describe('a web ACL', (test) => {
  const request = (more: Partial<WalkRequest>): WalkRequest => ({
    method: 'POST',
    path: '/v1/chat/completions',
    host: 'models.example.com',
    headers: {},
    body: '{}',
    from: { address: '198.51.100.7', country: 'DE', earlier: 0 },
    findings: [],
    modelSeconds: 0,
    ...more,
  })
  const cluster = clusterOf('dev')
  const edge = { inputs: edgeWebAcl(cluster) } as unknown as Resource
  const regional = { inputs: regionalWebAcl(cluster) } as unknown as Resource
  const found = (group: string, rule: string) => ({ findings: [{ group, rule }] })

  test('blocks an attack in a path at once, also where prompts go', () => {
    const { blocked } = evaluate(edge, request(found('AWSManagedRulesSQLiRuleSet', 'SQLi_QUERYARGUMENTS')))
    assert.is(blocked?.rule, 'SQLi_QUERYARGUMENTS')
  })

  test('counts one in a prompt, and blocks the same body elsewhere', () => {
    const findings = found('AWSManagedRulesSQLiRuleSet', 'SQLi_BODY')
    assert.equal(evaluate(edge, request(findings)), { counted: ['SQLi_BODY'] })
    assert.is(evaluate(edge, request({ ...findings, path: '/console' })).blocked?.rule, 'bodies-outside-inference')
  })

  test('takes more than 8 KB for a finding', () => {
    assert.equal(evaluate(edge, request({ body: 'x'.repeat(8192) })).counted, [])
    assert.equal(evaluate(edge, request({ body: 'x'.repeat(8193) })).counted, ['SizeRestrictions_BODY'])
  })

  test('counts everything at the ALB and blocks nothing', () => {
    const verdict = evaluate(regional, request(found('AWSManagedRulesSQLiRuleSet', 'SQLi_QUERYARGUMENTS')))
    assert.equal(verdict, { counted: ['SQLi_QUERYARGUMENTS'] })
  })

  test('lets the last request of the rate through and blocks the next with its own answer', () => {
    const after = (earlier: number) =>
      evaluate(edge, request({ from: { address: '198.51.100.7', country: 'DE', earlier } })).blocked
    assert.is(after(99), undefined)
    assert.is(after(100)?.answer.status, 429)
    assert.is(after(100)?.answer.headers['retry-after'], '60')
  })
})

describe('network policies', (test) => {
  const pod = (namespace: string, app: string): Pod => ({ namespace, labels: { app } })
  const policy = (name: string, namespace: string, spec: object): KubernetesObject => ({
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec },
  })
  const a = pod('one', 'a')
  const b = pod('two', 'b')
  const from = (...peers: object[]) => ({ ingress: [{ from: peers, ports: [{ port: 80, protocol: 'TCP' }] }] })
  const namespace = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })

  for (const [sentence, policies, sender, port, open] of [
    ['a pod that no policy selects is open', [policy('x', 'three', {})], a, 80, true],
    ['a policy without rules closes it', [policy('x', 'two', {})], a, 80, false],
    ['a rule opens its port', [policy('x', 'two', from({ namespaceSelector: namespace('one') }))], a, 80, true],
    ['and no other', [policy('x', 'two', from({ namespaceSelector: namespace('one') }))], a, 81, false],
    [
      'namespace and pod of one peer must both fit',
      [policy('x', 'two', from({ namespaceSelector: namespace('one'), podSelector: { matchLabels: { app: 'z' } } }))],
      a,
      80,
      false,
    ],
    [
      'of two peers one is enough',
      [
        policy(
          'x',
          'two',
          from({ podSelector: { matchLabels: { app: 'z' } } }, { namespaceSelector: namespace('one') }),
        ),
      ],
      a,
      80,
      true,
    ],
    ['a pod selector alone means the own namespace', [policy('x', 'two', from({ podSelector: {} }))], a, 80, false],
    ['a range is for addresses', [policy('x', 'two', from({ ipBlock: { cidr: '0.0.0.0/0' } }))], a, 80, false],
    [
      'an exception is none of the range',
      [policy('x', 'two', from({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }))],
      { address: '10.1.2.3' },
      80,
      false,
    ],
    [
      'one of two policies is enough',
      [policy('x', 'two', {}), policy('y', 'two', from({ ipBlock: { cidr: '10.0.0.0/8' } }))],
      { address: '10.1.2.3' },
      80,
      true,
    ],
    ['the sender must be allowed to send', [policy('x', 'one', { policyTypes: ['Egress'] })], a, 80, false],
  ] as [string, KubernetesObject[], Peer, number, boolean][])
    test(sentence, () => assert.is(isOpen(policies, sender, b, port), open))

  test('know ranges to the bit', () => {
    assert.ok(inRange('10.64.208.255', '10.64.208.0/24'))
    assert.not(inRange('10.64.209.0', '10.64.208.0/24'))
    assert.ok(inRange('203.0.113.9', '0.0.0.0/0'))
    assert.ok(inRange('172.20.0.1', '172.20.0.1/32'))
  })
})
