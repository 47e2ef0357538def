// What a NetworkPolicy lets through, as a list of sentences that can be compared.

import { treeAt } from '../object-changes.ts'
import type { Tree } from '../parse-rendered.ts'

/** What `after` lets through and `before` did not; empty when it is the same or less. */
export function widenedBy(before: Tree | undefined, after: Tree | undefined): string[] {
  const old = reachOf(before)
  return reachOf(after)
    .filter((one) => !old.some((known) => covers(known, one)))
    .map((one) => sentence(one, old))
}

function sentence(one: Reach, old: readonly Reach[]): string {
  const port = one.port === '' ? 'every port' : `port ${one.port}`
  const range = rangeOf(one)
  const known = old.find(
    (other) =>
      other.direction === one.direction && other.port === one.port && range !== undefined && rangeOf(other) === range,
  )
  if (known === undefined) return `${one.direction} ${peerText(one.peer)}, ${port}`
  const left = new Set(listAt(one.peer, ['ipBlock', 'except']))
  const opened = listAt(known.peer, ['ipBlock', 'except']).filter((except) => !left.has(except))
  return `${one.direction} ${opened.join(', ')} (no longer excepted), ${port}`
}

const rangeOf = ({ peer }: Reach): Tree | undefined => treeAt(peer, ['ipBlock', 'cidr'])

interface Reach {
  direction: 'from' | 'to'
  /** `undefined`: everything. */
  peer: Tree | undefined
  /** Empty: every port. */
  port: string
}

/** A direction that no policy type names is not restricted by this policy at all. */
function reachOf(policy: Tree | undefined): Reach[] {
  const types = listAt(policy, ['spec', 'policyTypes'])
  return [
    ...(types.includes('Ingress')
      ? rules(policy, 'ingress', 'from')
      : [{ direction: 'from' as const, peer: undefined, port: '' }]),
    ...(types.includes('Egress')
      ? rules(policy, 'egress', 'to')
      : [{ direction: 'to' as const, peer: undefined, port: '' }]),
  ]
}

const listAt = (tree: Tree | undefined, path: readonly string[]): Tree[] => {
  const value = treeAt(tree, path)
  return Array.isArray(value) ? value : []
}

const rules = (policy: Tree | undefined, field: string, direction: 'from' | 'to'): Reach[] =>
  listAt(policy, ['spec', field]).flatMap((rule) => {
    const peers = treeAt(rule, [direction]) === undefined ? [undefined] : listAt(rule, [direction])
    const ports = treeAt(rule, ['ports']) === undefined ? [''] : listAt(rule, ['ports']).map(portText)
    return peers.flatMap((peer) => ports.map((port) => ({ direction, peer, port })))
  })

const portText = (port: Tree): string => {
  const at = (key: string) => treeAt(port, [key])
  const end = at('endPort')
  return `${String(at('port') ?? 'any')}${end === undefined ? '' : `-${String(end)}`}/${String(at('protocol') ?? 'TCP')}`
}

function covers(known: Reach, one: Reach): boolean {
  if (known.direction !== one.direction) return false
  if (known.port !== '' && known.port !== one.port) return false
  return known.peer === undefined || samePeer(known.peer, one.peer)
}

/** The same peer, or the same address range with more exceptions than before. */
function samePeer(known: Tree, one: Tree | undefined): boolean {
  if (one === undefined) return false
  const [old, fresh] = [treeAt(known, ['ipBlock', 'cidr']), treeAt(one, ['ipBlock', 'cidr'])]
  if (old === undefined || old !== fresh) return JSON.stringify(known) === JSON.stringify(one)
  const exceptions = new Set(listAt(one, ['ipBlock', 'except']))
  return listAt(known, ['ipBlock', 'except']).every((range) => exceptions.has(range))
}

function peerText(peer: Tree | undefined): string {
  if (peer === undefined) return 'anywhere'
  const cidr = treeAt(peer, ['ipBlock', 'cidr'])
  if (cidr !== undefined) {
    const except = listAt(peer, ['ipBlock', 'except'])
    return `${String(cidr)}${except.length === 0 ? '' : ` except ${except.join(', ')}`}`
  }
  const labels = (selector: string) =>
    Object.entries(treeAt(peer, [selector, 'matchLabels']) ?? {}).map(([key, value]) => `${key}=${String(value)}`)
  return `pods ${[...labels('namespaceSelector'), ...labels('podSelector')].join(', ') || 'of every kind'}`
}
