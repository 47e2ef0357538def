// What a card says of rendered objects, whatever changed them: a source, or the generator itself.
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { objectChanges } from '../../review/object-changes.ts'
import { objectRisks } from '../../review/risks/object-risks.ts'
import { validFixture } from '../fixture.ts'

const { files } = renderRepository(validFixture, everything)

/** `undefined`: the objects go. */
function risksOf(kind: string, from: string | RegExp, to: string | undefined): string[] {
  const changes = files.flatMap(({ path, text }) => {
    if (!path.includes(`/${kind}-`) || !path.startsWith('clusters/')) return []
    if (to === undefined) return [{ path, before: text }]
    const after = text.replace(from, to)
    return after === text ? [] : [{ path, before: text, after }]
  })
  assert.ok(changes.length > 0, `nothing was edited: ${kind} ${from}`)
  const all = objectChanges(changes)
  const apps = new Set(all.map(({ cluster, app }) => `${cluster}/${app}`))
  return [...new Set(objectRisks(all, apps).map(({ level, rule }) => `${level} ${rule}`))]
}

const cases: readonly [what: string, kind: string, from: string | RegExp, to: string | undefined, risks: string[]][] = [
  [
    'root file systems that are written',
    'deployment',
    'readOnlyRootFilesystem: true',
    'readOnlyRootFilesystem: false',
    ['caution pod-freedom'],
  ],
  ['a user that may be root', 'deployment', /runAsNonRoot: true\n/, 'runAsNonRoot: false\n', ['caution pod-freedom']],
  ['no security context at all', 'deployment', /securityContext:/g, 'formerContext:', ['caution pod-freedom']],
  [
    'the network of the node',
    'deployment',
    /( +)containers:\n/,
    '$1hostNetwork: true\n$1containers:\n',
    ['caution pod-freedom'],
  ],
  ['a capability', 'deployment', /( +)drop:\n/, '$1add:\n$1  - SYS_ADMIN\n$1drop:\n', ['caution pod-freedom']],
  ['no readiness probe', 'deployment', 'readinessProbe:', 'formerProbe:', ['warning probe-removed']],
  [
    'another disruption budget',
    'poddisruptionbudget',
    /(maxUnavailable|minAvailable): .*/,
    '$1: 100%',
    ['warning disruption-budget'],
  ],
  ['a public load balancer', 'ingress', 'scheme: internal', 'scheme: internet-facing', ['caution ingress-public']],
  ['a service of type LoadBalancer', 'service', 'type: ClusterIP', 'type: LoadBalancer', ['caution service-exposed']],
  [
    'an Application that no longer heals',
    'application',
    'selfHeal: true',
    'selfHeal: false',
    ['caution application-policy'],
  ],
  [
    'an Application of another repository',
    'application',
    /repoURL: .*/,
    'repoURL: https://github.com/someone/else',
    ['caution application-source'],
  ],
  ['an admission policy that goes', 'validatingadmissionpolicy', '', undefined, ['caution admission']],
  ['a quota that goes', 'resourcequota', '', undefined, ['warning quota']],
  ['another secret', 'externalsecret', /key: .*/, 'key: other', ['warning secret-source']],
]

describe('risks of rendered objects', (test) => {
  for (const [what, kind, from, to, risks] of cases)
    test(`${what}: ${risks.join(', ')}`, () => assert.equal(risksOf(kind, from, to), risks))

  test('what is tighter than before is none', () => {
    assert.equal(risksOf('deployment', /( +)drop:\n/, '$1seccompProfile:\n$1  type: RuntimeDefault\n$1drop:\n'), [])
    assert.equal(risksOf('deployment', /image: .*/, 'image: other'), [])
  })
})
