// Kinds of pull requests, each with what it changes; the cards of all of them are in cards/.
import type { ReviewRepository } from './review-repository.ts'

export interface Scenario {
  /** File name of its card. */
  name: string
  /** Before the base commit, when the fixture alone will not do. */
  base?: (repository: ReviewRepository) => void
  /** After synth of the base: what an older generator had rendered otherwise. */
  older?: (repository: ReviewRepository) => void
  change: (repository: ReviewRepository) => void
  /** Synth after the change; default true. */
  synth?: boolean
}

const chat = 'apps/models/chat.yaml'
const chatLock = 'apps/models/chat.lock.json'
const embed = 'apps/models/embed.yaml'
const embedLock = 'apps/models/embed.lock.json'
const blue = 'clusters/blue/cluster.yaml'

const withL40s = ({ edit }: ReviewRepository): void => edit(blue, 'maxGpus: { l4: 4 }', 'maxGpus: { l4: 4, l40s: 4 }')

export const scenarios: readonly Scenario[] = [
  {
    name: 'new-8b-model',
    change({ read, write }) {
      write(
        'apps/models/assistant.yaml',
        `model: example/assistant-8b
revision: ${'c1'.repeat(20)}
engine: { name: vllm, maxModelLen: 8192, kvCacheDtype: fp8 }
accelerator: l4
scaling: { minReplicas: 1, maxReplicas: 2 }
clusters:
  blue: {}
`,
      )
      const lock = JSON.parse(read(chatLock)) as Record<string, unknown>
      const own = { id: 'example/assistant-8b', revision: 'c1'.repeat(20), gated: true, unverified: ['licence'] }
      write('apps/models/assistant.lock.json', `${JSON.stringify({ ...lock, ...own }, undefined, 2)}\n`)
    },
  },
  {
    name: 'revision-bump',
    change({ edit }) {
      edit(embed, /revision: \w+/, `revision: ${'a2'.repeat(20)}`)
      edit(embedLock, /"revision": "\w+"/, `"revision": "${'a2'.repeat(20)}"`)
    },
  },
  {
    name: 'revision-without-lock',
    change: ({ edit }) => edit(embed, /revision: \w+/, `revision: ${'a2'.repeat(20)}`),
    synth: false,
  },
  {
    name: 'gpu-kind',
    base: (repository) => {
      withL40s(repository)
      repository.edit(chat, 'maxMonthlyUsd: 2000', 'maxMonthlyUsd: 4000')
      repository.edit(chat, /\n {2}green:.*\n/, '\n')
    },
    change: ({ edit }) => edit(chat, 'accelerator: l4', 'accelerator: l40s'),
  },
  {
    name: 'price-of-another-region',
    base({ edit, read, write }) {
      // Nobody has published what an A10G costs in us-west-1.
      for (const file of [blue, 'clusters/blue/infra.json'])
        write(file, read(file).replaceAll('us-east-1', 'us-west-1').replace('acm:us-west-1', 'acm:us-east-1'))
      edit(blue, '{ l4: 4 }', '{ a10g: 4 }')
      edit(chat, 'accelerator: l4', 'accelerator: a10g')
      edit(chat, /\n {2}green:.*\n/, '\n')
    },
    change: ({ edit }) => edit(chat, 'maxReplicas: 2', 'maxReplicas: 1'),
  },
  {
    name: 'scale-to-zero',
    change: ({ edit }) =>
      edit(chat, 'minReplicas: 1, maxReplicas: 2', 'minReplicas: 0, maxReplicas: 2, idleAfter: 15m'),
  },
  {
    name: 'removed-model-still-named',
    change({ remove }) {
      remove(chat)
      remove(chatLock)
    },
    synth: false,
  },
  {
    name: 'removed-model',
    change({ edit, remove }) {
      remove(chat)
      remove(chatLock)
      edit('apps/tenants/team.yaml', 'models: [chat, embed]', 'models: [embed]')
    },
  },
  {
    name: 'engine-version',
    base: ({ write }) => write('generators/engines/vllm.ts', "export const newest = '0.30.0'\n"),
    older: ({ editRendered }) => {
      editRendered('deployment', /vllm-openai:v[\d.]+@sha256:\w+/, `vllm-openai:v0.30.0@sha256:${'a'.repeat(64)}`)
    },
    change: ({ write }) => write('generators/engines/vllm.ts', "export const newest = '0.31.0'\n"),
  },
  {
    name: 'engine-version-of-many',
    base: ({ read, write, edit }) => {
      write('generators/engines/vllm.ts', "export const newest = '0.30.0'\n")
      for (const name of ['second', 'third']) {
        write(
          `apps/models/${name}.yaml`,
          read(chat)
            .replace(/aliases: .*\n/, '')
            .replace(/\n {2}green:.*\n/, '\n')
            .replace('maxReplicas: 2', 'maxReplicas: 1'),
        )
        write(`apps/models/${name}.lock.json`, read(chatLock))
      }
      edit('apps/tenants/team.yaml', 'models: [chat, embed]', 'models: [chat, embed, second, third]')
    },
    older: ({ editRendered }) => {
      editRendered('deployment', /vllm-openai:v[\d.]+@sha256:\w+/, `vllm-openai:v0.30.0@sha256:${'a'.repeat(64)}`)
    },
    change: ({ write }) => write('generators/engines/vllm.ts', "export const newest = '0.31.0'\n"),
  },
  {
    name: 'smaller-context',
    change: ({ edit }) => edit(chat, 'maxModelLen: 16384', 'maxModelLen: 4096'),
  },
  {
    name: 'fixed-to-autoscaled',
    base: ({ edit }) => {
      edit(blue, 'l4: 4', 'l4: 8')
      edit(chat, 'minReplicas: 1, maxReplicas: 2', 'minReplicas: 3, maxReplicas: 3')
      edit(chat, '  green: { scaling: { maxReplicas: 1 } }', '  green: { scaling: { minReplicas: 1, maxReplicas: 1 } }')
      edit(chat, 'maxMonthlyUsd: 2000', 'maxMonthlyUsd: 9000')
    },
    change: ({ edit }) => edit(chat, 'minReplicas: 3, maxReplicas: 3', 'minReplicas: 2, maxReplicas: 5'),
  },
  {
    name: 'autoscaled-to-fixed',
    change: ({ edit }) => edit(chat, 'minReplicas: 1, maxReplicas: 2', 'minReplicas: 1, maxReplicas: 1'),
  },
  {
    name: 'renamed-model',
    change({ root: _, read, write, remove, edit }) {
      write('apps/models/talk.yaml', read(chat))
      write('apps/models/talk.lock.json', read(chatLock))
      remove(chat)
      remove(chatLock)
      edit('apps/tenants/team.yaml', 'models: [chat, embed]', 'models: [talk, embed]')
    },
  },
  {
    name: 'moved-between-clusters',
    change: ({ edit }) => edit(embed, 'blue: {}', 'green: {}'),
  },
  {
    name: 'network-policy-widened',
    base: ({ write }) => write('generators/render/model/policies.ts', 'export const old = true\n'),
    older: ({ editRendered }) => {
      editRendered('networkpolicy', /- 169\.254\.0\.0\/16/, '- 169.254.0.0/16\n              - 198.51.100.0/24')
    },
    change: ({ write }) => write('generators/render/model/policies.ts', 'export const old = false\n'),
  },
  {
    name: 'tenant-limits',
    change: ({ edit }) => edit('apps/tenants/team.yaml', 'tokensPerMinute: 10000', 'tokensPerMinute: 4000'),
  },
  {
    name: 'tenant-keys',
    base: ({ edit }) =>
      edit('apps/tenants/team.yaml', /$/, `  - id: old-ci\n    sha256: ${'d'.repeat(64)}\n    expires: "2027-12-31"\n`),
    change({ edit }) {
      const team = 'apps/tenants/team.yaml'
      edit(team, / {2}- id: team-laptop\n.*\n.*\n/, '')
      edit(team, '2027-12-31', '2027-06-30')
      edit(team, /$/, `  - id: old-ci-2\n    sha256: ${'e'.repeat(64)}\n    expires: "2027-12-31"\n`)
    },
  },
  {
    name: 'licence-and-gating',
    change({ edit }) {
      for (const path of [chat, chatLock]) edit(path, /0e9e39f249a16976918f6564b8830bc894c89659/, 'b3'.repeat(20))
      edit(chatLock, '"licence": "apache-2.0"', '"licence": "llama3.1"')
      edit(chatLock, '"gated": false', '"gated": true')
    },
  },
  {
    name: 'budget-exceeded',
    change: ({ edit }) => edit(chat, 'maxReplicas: 2', 'maxReplicas: 4'),
    synth: false,
  },
  {
    name: 'forgotten-synth',
    change: ({ edit }) => edit(chat, 'maxModelLen: 16384', 'maxModelLen: 12288'),
    synth: false,
  },
  {
    name: 'image-of-all',
    change: ({ edit }) => edit('apps/images.yaml', /(modelServer:.*sha256:)\w{64}/, `$1${'b'.repeat(64)}`),
  },
  {
    name: 'no-spare-gpu',
    base: ({ edit }) => edit('clusters/green/cluster.yaml', 'l4: 4', 'l4: 1'),
    change: ({ edit }) => edit(chat, 'maxModelLen: 16384', 'maxModelLen: 16384, maxNumSeqs: 24'),
  },
  {
    name: 'addon-chart',
    change: ({ edit }) => edit('apps/addons/metrics-server.yaml', /version: .*/, 'version: 3.99.0'),
    synth: false,
  },
  {
    name: 'node-image',
    base: ({ read, write }) => {
      write(blue, `${read(blue)}nodes: { ami: al2023@v20260903 }\n`)
      write(embed, `${read(embed)}scaling: { minReplicas: 2, maxReplicas: 2 }\n`)
    },
    change: ({ edit }) => edit(blue, 'al2023@v20260903', 'al2023@v20260917'),
  },
  {
    name: 'node-expiry',
    change: ({ read, write }) =>
      write(blue, `${read(blue)}nodes: { expireAfter: 720h, quietHours: [{ from: "06:00", hours: 14 }] }\n`),
  },
  {
    name: 'node-grace',
    base: ({ edit }) => {
      edit(blue, 'l4: 4', 'l4: 48')
      edit(chat, 'maxMonthlyUsd: 2000', 'maxMonthlyUsd: 99999')
    },
    change: ({ edit }) => edit(chat, 'maxReplicas: 2', 'maxReplicas: 40'),
  },
  {
    name: 'broken-yaml',
    change: ({ write, read }) => write(chat, `${read(chat)}scaling: [\n`),
    synth: false,
  },
  {
    name: 'description-only',
    change: ({ edit }) => edit(embed, 'engine: tei', 'description: Small and quick.\nengine: tei'),
  },
  {
    name: 'nothing',
    change: () => {},
  },
]
