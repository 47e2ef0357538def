// Changes that can hurt, each with what the card must say of it; and harmless ones, of which it must say nothing.
import { rootCertificates } from 'node:tls'
import type { RiskLevel } from '../../review/risks/risk.ts'
import type { ReviewRepository } from './review-repository.ts'

export interface Danger {
  what: string
  base?: (repository: ReviewRepository) => void
  change: (repository: ReviewRepository) => void
  level: RiskLevel
  rule: string
  /** A part of the sentence. */
  says: RegExp
}

const blue = 'clusters/blue/cluster.yaml'
const team = 'apps/tenants/team.yaml'
const chat = 'apps/models/chat.yaml'
const embed = 'apps/models/embed.yaml'

const append =
  (path: string, text: string) =>
  ({ read, write }: ReviewRepository): void =>
    write(path, `${read(path)}${text}`)

/** A new file in the base, another text of it in the change. */
const file = (path: string, before: string, after: string) => ({
  base: ({ write }: ReviewRepository) => write(path, before),
  change: ({ write }: ReviewRepository) => write(path, after),
})

const edit =
  (path: string, from: string | RegExp, to: string) =>
  (repository: ReviewRepository): void =>
    repository.edit(path, from, to)

const cluster = (
  what: string,
  section: string,
  changed: string,
  level: RiskLevel,
  rule: string,
  says: RegExp,
): Danger => ({
  what,
  ...(section === '' ? {} : { base: append(blue, section) }),
  change: section === '' ? append(blue, changed) : edit(blue, section, changed),
  level,
  rule: `cluster.${rule}`,
  says,
})

const range = (first: number) =>
  `[{ id: subnet-0000000${first}, cidr: 10.0.${first}.0/24 }, { id: subnet-0000000${first + 1}, cidr: 10.0.${first + 1}.0/24 }]`

const ownNetwork = `network:
  zoneIds: [use1-az1, use1-az2]
  existing:
    vpcId: vpc-0123456789abcdef0
    cidr: 10.0.0.0/16
    subnets:
      private: ${range(1)}
      loadBalancer: ${range(3)}
      controlPlane: ${range(5)}
`

/** Signed by one of the authorities that every client knows: they are at hand, and real. */
function privateIssuer(authority: number): string {
  const lines = (rootCertificates[authority] ?? '').trim().split('\n')
  const pem = lines.map((line) => `      ${line}\n`).join('')
  return `  audiences: [slipway]\n  private:\n    cidrs: [10.20.30.0/28]\n    certificateAuthority: |\n${pem}`
}

const workflow = `on:
  pull_request:
permissions: {}
jobs:
  check:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@1af3b93b6815bc44a9784bd300feb67ff0d1eeb3
      - run: npm run check
      - run: npm test
`
const checks = '.github/workflows/check.yml'
const policy = 'generators/schema/lock-policy.ts'

export const dangers: readonly Danger[] = [
  {
    what: 'a file of gateway/auth',
    ...file('gateway/auth/verify.ts', 'export const leeway = 5\n', 'export const leeway = 5000\n'),
    level: 'caution',
    rule: 'gateway-auth',
    says: /1 file of who may call changes/,
  },
  {
    what: 'a file of the gateway',
    ...file('gateway/pool.ts', 'export const size = 5\n', 'export const size = 6\n'),
    level: 'warning',
    rule: 'gateway-code',
    says: /1 file of the gateway changes: not judged here/,
  },
  {
    what: 'a workflow that may write',
    ...file(checks, workflow, workflow.replace('contents: read', 'contents: write')),
    level: 'caution',
    rule: 'workflow',
    says: /gains the right to write.*contents/,
  },
  {
    what: 'a workflow that runs no tests any more',
    ...file(checks, workflow, workflow.replace('      - run: npm test\n', '')),
    level: 'caution',
    rule: 'workflow',
    says: /runs no more.*npm test/,
  },
  {
    what: 'a workflow on pull_request_target',
    ...file(checks, workflow, workflow.replace('pull_request:', 'pull_request_target:')),
    level: 'caution',
    rule: 'workflow',
    says: /starts on `pull_request_target`/,
  },
  {
    what: 'an action that moves to another commit',
    ...file(checks, workflow, workflow.replace('1af3', '2af3')),
    level: 'warning',
    rule: 'workflow',
    says: /workflow check changes/,
  },
  {
    what: 'an action by tag',
    ...file(checks, workflow, workflow.replace(/@[0-9a-f]{40}/, '@v6')),
    level: 'caution',
    rule: 'workflow',
    says: /not pinned/,
  },
  {
    what: 'a licence that is allowed',
    ...file(policy, "export const licences = ['mit']\n", "export const licences = ['mit', 'other']\n"),
    level: 'caution',
    rule: 'policy-opened',
    says: /adds `other`/,
  },
  cluster(
    'an administrator',
    '',
    'kubernetesApi: { adminRoles: [slipway-deployer, contractor] }\n',
    'caution',
    'kubernetesApi.adminRoles',
    /adds `contractor`: it administers/,
  ),
  {
    what: 'an EKS cluster that is there already',
    base: append(blue, ownNetwork),
    change: append(
      blue,
      'kubernetes:\n  existing: { version: "1.35", securityGroup: sg-0123456789abcdef0, nodeGroup: system }\n',
    ),
    level: 'caution',
    rule: 'cluster.kubernetes.existing',
    says: /the EKS cluster that the platform made goes/,
  },
  cluster(
    'a target of traces',
    '',
    'telemetry: { collector: xray }\n',
    'warning',
    'telemetry.collector',
    /spans of all requests that are sampled go there.*before the merge/,
  ),
  cluster(
    'a public range of the Kubernetes API',
    'kubernetesApi: { publicCidrs: [203.0.113.0/24] }\n',
    'kubernetesApi: { publicCidrs: [203.0.113.0/24, 198.51.100.0/22] }\n',
    'caution',
    'kubernetesApi.publicCidrs',
    /adds `198/,
  ),
  cluster('a rate limit × 100', '', 'edge: { rateLimit: 10000 }\n', 'caution', 'edge.rateLimit', /100 → 10,000/),
  cluster('a lower rate limit', 'edge: { rateLimit: 300 }\n', '', 'warning', 'edge.rateLimit', /300 → 100/),
  cluster(
    'countries that are let in again',
    'edge: { geo: { mode: block, countries: [AQ, KP] } }\n',
    'edge: { geo: { mode: block, countries: [AQ] } }\n',
    'caution',
    'edge.geo',
    /calls from KP are let in/,
  ),
  cluster(
    'countries that are shut out',
    '',
    'edge: { geo: { mode: allow, countries: [DE] } }\n',
    'warning',
    'edge.geo',
    /only calls from DE/,
  ),
  {
    what: 'another issuer',
    change: edit(blue, 'https://issuer.example.com', 'https://issuer.example.net'),
    level: 'caution',
    rule: 'cluster.oidc.issuer',
    says: /issuer\.example\.net/,
  },
  {
    what: 'another repository',
    change: edit(blue, 'example/slipway', 'someone/slipway'),
    level: 'caution',
    rule: 'cluster.gitops.repoUrl',
    says: /Argo CD applies what that repository says/,
  },
  {
    what: 'a tenant that goes',
    change: ({ remove }) => remove('apps/tenants/guests.yaml'),
    level: 'caution',
    rule: 'tenant-removed',
    says: /tenant guests goes/,
  },
  {
    what: 'limits × 1000',
    change: edit(team, 'tokensPerMinute: 10000', 'tokensPerMinute: 10000000'),
    level: 'caution',
    rule: 'tenant.limits.tokensPerMinute',
    says: /10,000 → 10,000,000/,
  },
  {
    what: 'a lower limit',
    change: edit(team, 'tokensPerMinute: 10000', 'tokensPerMinute: 9000'),
    level: 'warning',
    rule: 'tenant.limits.tokensPerMinute',
    says: /429/,
  },
  {
    what: 'every model instead of two',
    change: edit(team, 'models: [chat, embed]\n', ''),
    level: 'caution',
    rule: 'tenant.models',
    says: /every model from now on/,
  },
  {
    what: 'privileged fields',
    change: append(team, 'allowFields: [cache_salt]\n'),
    level: 'caution',
    rule: 'tenant.allowFields',
    says: /adds `cache_salt`/,
  },
  {
    what: 'another API key',
    change: append(team, `  - { id: more, sha256: ${'b'.repeat(64)}, expires: "2027-12-31" }\n`),
    level: 'warning',
    rule: 'key-added',
    says: /API key more is new/,
  },
  {
    what: 'other claims',
    change: edit(team, 'client_id: team', 'client_id: other'),
    level: 'caution',
    rule: 'tenant.claims.*',
    says: /`team` → `other`/,
  },
  {
    what: 'an issuer in the private network',
    change: edit(blue, '  audiences: [slipway]', '  audiences: [slipway]\n  private: { cidrs: [10.20.30.0/28] }'),
    level: 'caution',
    rule: 'cluster.oidc.private.cidrs',
    says: /it alone checks tokens: the HTTP API lets every request through/,
  },
  {
    what: 'another authority of a private issuer',
    base: edit(blue, '  audiences: [slipway]\n', privateIssuer(0)),
    change: edit(blue, privateIssuer(0), privateIssuer(1)),
    level: 'caution',
    rule: 'cluster.oidc.private.certificateAuthority',
    says: /a certificate of this authority decides which tokens are good/,
  },
  {
    what: 'links of alerts to another place',
    change: edit(
      blue,
      'gitops: { enabled: true,',
      'gitops: { pages: "https://git.corp.example/llm/src", enabled: true,',
    ),
    level: 'note',
    rule: 'cluster.gitops.pages',
    says: /links of alerts and alarms lead to another place/,
  },
  {
    what: 'a host key of a Git host',
    change: edit(
      blue,
      'gitops: { enabled: true,',
      'gitops: { knownHosts: [git.corp.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo], enabled: true,',
    ),
    level: 'caution',
    rule: 'cluster.gitops.knownHosts',
    says: /a host with this key may give Argo CD what runs/,
  },
  {
    what: 'no line of token usage',
    change: append('apps/gateway.yaml', 'settings: { AUDIT_LOG: false }\n'),
    level: 'caution',
    rule: 'gateway.settings.AUDIT_LOG',
    says: /nobody can say afterwards which tenant used what/,
  },
  {
    what: 'larger bodies at the gateway',
    base: append('apps/gateway.yaml', 'settings: { BODY_LIMIT: 1000000 }\n'),
    change: edit('apps/gateway.yaml', '1000000', '20000000'),
    level: 'warning',
    rule: 'gateway.settings.BODY_LIMIT',
    says: /1,000,000 → 20,000,000: what is refused changes for every caller/,
  },
  {
    what: 'more second tries in one cluster',
    change: edit('apps/gateway.yaml', 'green: {', 'green: { settings: { RETRY_BUDGET: 0.9 },'),
    level: 'warning',
    rule: 'gateway.settings.RETRY_BUDGET',
    says: /second tries add to the load/,
  },
  {
    what: 'one pod of the gateway',
    change: edit('apps/gateway.yaml', 'replicas: { min: 2, max: 4 }', 'replicas: { min: 1, max: 4 }'),
    level: 'caution',
    rule: 'gateway-pods',
    says: /blue: the gateway goes from 2 pods to one/,
  },
  {
    what: 'no budget, and 20 replicas more',
    base: edit(blue, 'l4: 4', 'l4: 48'),
    change: ({ edit: change }) => {
      change(chat, 'budget: { maxMonthlyUsd: 2000 }\n', '')
      change(chat, 'maxReplicas: 2', 'maxReplicas: 40')
    },
    level: 'caution',
    rule: 'budget-removed',
    says: /no budget any more/,
  },
  {
    what: 'replicas that cost twenty times as much',
    base: (repository) => {
      repository.edit(blue, 'l4: 4', 'l4: 48')
      repository.edit(chat, 'maxMonthlyUsd: 2000', 'maxMonthlyUsd: 99999')
    },
    change: edit(chat, 'maxReplicas: 2', 'maxReplicas: 40'),
    level: 'caution',
    rule: 'costs-more',
    says: /a month instead of/,
  },
  {
    what: 'replicas that take the spare GPU',
    base: edit(blue, 'l4: 4', 'l4: 3'),
    change: edit(chat, 'maxReplicas: 2', 'maxReplicas: 3'),
    level: 'caution',
    rule: 'spare-gone',
    says: /no spare GPU.*nobody answers/,
  },
  // Of our own.
  {
    what: 'another domain',
    change: edit(blue, 'domain: blue.example.com', 'domain: cyan.example.com'),
    level: 'caution',
    rule: 'cluster.domain',
    says: /the old name/,
  },
  {
    what: 'a cluster that goes',
    change: ({ remove, edit: change }) => {
      remove('clusters/green')
      change(chat, /\n {2}green:.*\n/, '\n')
      change('apps/gateway.yaml', /clusters:\n.*\n/, '')
    },
    level: 'caution',
    rule: 'cluster-removed',
    says: /cluster green goes from Git/,
  },
  cluster('an edge without CloudFront', '', 'edge: { kind: api }\n', 'caution', 'edge.kind', /API keys get 401/),
  cluster(
    'clients in the internet',
    'edge: { kind: none }\n',
    'edge: { kind: cloudfront }\n',
    'caution',
    'edge.kind',
    /Everybody in the internet may ask/,
  ),
  cluster(
    'one more network of clients',
    'edge: { kind: none, clientCidrs: [10.0.0.0/16] }\n',
    'edge: { kind: none, clientCidrs: [10.0.0.0/16, 172.16.0.0/12] }\n',
    'caution',
    'edge.clientCidrs',
    /adds `172\.16\.0\.0\/12`/,
  ),
  cluster(
    'the name in another zone',
    'edge: { kind: none }\n',
    'edge: { kind: none, privateZone: true }\n',
    'caution',
    'edge.privateZone',
    /false.* → .*true/,
  ),
  cluster('no stream lane', '', 'edge: { streamLane: false }\n', 'caution', 'edge.streamLane', /\/stream\/\*/),
  {
    what: 'a model for every tenant',
    change: edit(chat, 'access: { tenants: [team] }\n', ''),
    level: 'caution',
    rule: 'access-opened',
    says: /every tenant/,
  },
  {
    what: 'an image without its digest',
    change: edit('apps/images.yaml', /, digest: "sha256:2c\w+"/, ''),
    level: 'caution',
    rule: 'images.gateway.digest',
    says: /no longer pinned/,
  },
  {
    what: 'a chart from another place',
    change: edit('apps/addons/metrics-server.yaml', 'kubernetes-sigs.github.io', 'charts.example.com'),
    level: 'caution',
    rule: 'addon.repoURL',
    says: /another place/,
  },
  {
    what: 'one scope more that is enough',
    change: edit(blue, 'scopes: [slipway/invoke]', 'scopes: [slipway/invoke, openid]'),
    level: 'caution',
    rule: 'cluster.oidc.scopes',
    says: /adds `openid`/,
  },
  {
    what: 'Argo CD off',
    change: edit(blue, 'enabled: true', 'enabled: false'),
    level: 'caution',
    rule: 'cluster.gitops.enabled',
    says: /no commit reaches the cluster/,
  },
  {
    what: 'a package with other content',
    ...file(
      'package-lock.json',
      '{"packages":{"node_modules/a":{"version":"1.0.0","integrity":"sha512-x"}}}',
      '{"packages":{"node_modules/a":{"version":"1.0.0","integrity":"sha512-y"}}}',
    ),
    level: 'caution',
    rule: 'package-replaced',
    says: /other content under the same version/,
  },
  {
    what: 'who must approve',
    ...file('.github/CODEOWNERS', '* @a\n', '* @b\n'),
    level: 'caution',
    rule: 'code-owners',
    says: /whose approval/,
  },
  {
    what: 'a lock with other facts',
    change: edit('apps/models/chat.lock.json', /"layers": \d+/, '"layers": 2'),
    level: 'warning',
    rule: 'lock-facts',
    says: /layers/,
  },
  {
    what: 'a flag of the engine',
    change: edit(chat, 'maxModelLen: 16384 }', 'maxModelLen: 16384, extraArgs: [--enforce-eager] }'),
    level: 'warning',
    rule: 'model.engine.extraArgs',
    says: /--enforce-eager/,
  },
]

export interface Harmless {
  what: string
  base?: (repository: ReviewRepository) => void
  change: (repository: ReviewRepository) => void
}

export const harmless: readonly Harmless[] = [
  { what: 'a comment in a cluster file', change: append(blue, '# Nothing.\n') },
  { what: 'a comment in a model file', change: append(chat, '# Nothing.\n') },
  { what: 'fields of a tenant in another order', change: edit(team, /^(claims.*\n)(models.*\n)/, '$2$1') },
  { what: 'models of a tenant in another order', change: edit(team, '[chat, embed]', '[embed, chat]') },
  { what: 'scopes in another form', change: edit(blue, 'scopes: [slipway/invoke]', 'scopes:\n    - slipway/invoke') },
  { what: 'quotes', change: edit(blue, 'region: us-east-1', 'region: "us-east-1"') },
  { what: 'white space', change: edit(blue, 'gpu:\n', 'gpu:\n\n') },
  { what: 'a default that is written out', change: append(blue, 'edge: { rateLimit: 100, streamLane: true }\n') },
  { what: 'the engine in its long form', change: edit(embed, 'engine: tei', 'engine: { name: tei }') },
  { what: 'a description', change: edit(embed, 'engine: tei', 'description: Small and quick.\nengine: tei') },
  { what: 'a description of a tenant', change: edit(team, 'claims:', 'description: A team.\nclaims:') },
  { what: 'reserved ranges', change: append(blue, 'network: { reservedCidrs: [192.168.0.0/16] }\n') },
  { what: 'a limit that grows a little', change: edit(team, 'requestsPerMinute: 60', 'requestsPerMinute: 80') },
  { what: 'a tighter budget', change: edit(chat, 'maxMonthlyUsd: 2000', 'maxMonthlyUsd: 1900') },
  { what: 'one more address for alarms', change: append(blue, 'monitoring: { emails: [on-call@example.com] }\n') },
  { what: 'an earlier alarm of the bill', change: append(blue, 'monitoring: { monthlyUsd: 500 }\n') },
  { what: 'a document', change: ({ write }) => write('docs/notes.md', 'Read me.\n') },
  { what: 'a test', change: ({ write }) => write('gateway/test/new.test.ts', 'export {}\n') },
  {
    what: 'a comment in the gateway',
    ...file('gateway/auth/verify.ts', 'export const leeway = 5\n', '// Seconds.\nexport const leeway = 5\n'),
  },
  {
    what: 'a type in the gateway',
    ...file('gateway/pool.ts', 'export const size = 5\n', 'export const size: number = 5\n'),
  },
  { what: 'a comment in a workflow', ...file(checks, workflow, `# Of every pull request.\n${workflow}`) },
  {
    what: 'a comment in a policy',
    ...file(policy, "export const licences = ['mit']\n", "// Decided by us.\nexport const licences = ['mit']\n"),
  },
  {
    what: 'another version of the program in package.json',
    ...file('package.json', '{"version":"0.1.0"}', '{"version":"0.1.1"}'),
  },
  { what: 'more pods of the gateway', change: edit('apps/gateway.yaml', 'max: 4 }', 'max: 5 }') },
]
