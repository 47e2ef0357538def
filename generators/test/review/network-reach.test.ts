// When a NetworkPolicy lets more through than before, and when it does not.
import { assert, describe } from '../../../test/spec.ts'
import type { Tree } from '../../review/parse-rendered.ts'
import { widenedBy } from '../../review/risks/network-reach.ts'

const policy = (egress: Tree[], policyTypes = ['Egress', 'Ingress']): Tree => ({ spec: { egress, policyTypes } })
const to = (cidr: string, except: string[] = [], ports: string[] = ['443']): Tree => ({
  to: [{ ipBlock: except.length === 0 ? { cidr } : { cidr, except } }],
  ports: ports.map((port) => ({ port, protocol: 'TCP' })),
})

describe('widenedBy', (test) => {
  test('a further peer, a further port and a lost exception are wider', () => {
    const base = policy([to('0.0.0.0/0', ['10.0.0.0/8'])])
    assert.equal(widenedBy(base, policy([to('0.0.0.0/0', ['10.0.0.0/8']), to('203.0.113.0/24')])), [
      'to 203.0.113.0/24, port 443/TCP',
    ])
    assert.equal(widenedBy(base, policy([to('0.0.0.0/0', ['10.0.0.0/8'], ['443', '80'])])), [
      'to 0.0.0.0/0 except 10.0.0.0/8, port 80/TCP',
    ])
    assert.equal(widenedBy(base, policy([to('0.0.0.0/0')])), ['to 10.0.0.0/8 (no longer excepted), port 443/TCP'])
  })

  test('a rule without peers or ports means all of them', () => {
    const base = policy([to('203.0.113.0/24')])
    assert.equal(widenedBy(base, policy([{ ports: [{ port: '443', protocol: 'TCP' }] }])), [
      'to anywhere, port 443/TCP',
    ])
    assert.equal(widenedBy(base, policy([{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }])), [
      'to 203.0.113.0/24, every port',
    ])
  })

  test('a policy type that goes opens that direction', () => {
    assert.equal(widenedBy(policy([]), policy([], ['Ingress'])), ['to anywhere, every port'])
  })

  test('less, the same, and another order are not wider', () => {
    const base = policy([to('0.0.0.0/0'), to('203.0.113.0/24', [], ['443', '80'])])
    assert.equal(widenedBy(base, base), [])
    assert.equal(widenedBy(base, policy([to('203.0.113.0/24', [], ['80']), to('0.0.0.0/0', ['10.0.0.0/8'])])), [])
  })
})
