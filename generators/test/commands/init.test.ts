// `npm run init` on copies of the fixture: one cluster or four, every region, every kind of issuer; bad input leaves all as it was.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { type InitValues, readAnswers } from '../../commands/init-answers.ts'
import { initFiles } from '../../commands/init-files.ts'
import { editYaml, editYamlMap } from '../../commands/yaml-edit.ts'
import { loadRepository } from '../../load/load-repository.ts'
import { everything, planRepository, synthesize } from '../../pipeline.ts'
import type { ClusterFile } from '../../schema/cluster.ts'
import { issuerKinds } from '../../schema/oidc.ts'
import { regions } from '../../schema/regions.ts'
import { type FixtureRepository, repositoryRoot, validFixture, withRepository } from '../fixture.ts'

const main = join(repositoryRoot, 'generators/main.ts')

function init(root: string, ...args: string[]) {
  const options = { encoding: 'utf8', env: { ...process.env, GITHUB_ACTIONS: '' }, input: '' } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'init', '--root', root, ...args], options)
  return { status, out: stdout, log: stderr }
}

const one = [
  '--yes',
  '--cluster',
  'live',
  '--region',
  'eu-central-1',
  '--account',
  '123456789012',
  '--domain',
  'llm.acme.example',
]
const shared = ['--repository', 'https://github.com/acme/llm.git', '--issuer', 'https://acme.eu.auth0.com/']

const cluster = ({ read }: FixtureRepository, name: string) =>
  parse(read(`clusters/${name}/cluster.yaml`)) as ClusterFile

const treeOf = (root: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path, readFileSync(path, 'latin1')]),
  )

const values: InitValues = { cluster: [], environment: [], region: [], account: [], domain: [], model: [], tenant: [] }

/** Answers in the order of the questions; a wrong one is asked again. */
const answering = (answers: string[]) => {
  const asked: string[] = []
  return {
    asked,
    close: () => {},
    ask: async <Value>(question: string, fallback: string, read: (answer: string) => Value | Error): Promise<Value> => {
      for (;;) {
        asked.push(question)
        const answer = answers.shift()
        if (answer === undefined) throw new Error(`no answer to: ${question}`)
        const value = read(answer === '' ? fallback : answer)
        if (!(value instanceof Error)) return value
      }
    },
  }
}

/** The fixture as somebody clones it: nothing is deployed. */
const withSample = (use: (repository: FixtureRepository) => void): void =>
  withRepository(validFixture, (repository) => {
    for (const name of readdirSync(join(repository.root, 'clusters'))) {
      const path = `clusters/${name}/infra.json`
      repository.write(path, repository.read(path).replace('"applied"', '"example"'))
      const file = `clusters/${name}/cluster.yaml`
      repository.write(file, repository.read(file).replace('enabled: true', 'enabled: false'))
    }
    use(repository)
  })

describe('npm run init', (test) => {
  test('one cluster: its files, the samples that stay, a fresh tree', () =>
    withSample((repository) => {
      synthesize(repository.root, everything, { write: true })
      const { status, out, log } = init(repository.root, ...one, ...shared, '--model', 'chat', '--tenant', 'team')
      assert.is(status, 0, log)
      assert.match(out, /live: dev in eu-central-1, llm\.acme\.example\n1 models, 1 tenants/)
      assert.is(out.split('\nNext:\n')[1]?.trimEnd().split('\n').length, 3)
      assert.equal(readdirSync(join(repository.root, 'clusters')), ['live'])
      assert.equal(readdirSync(join(repository.root, 'apps/models')), ['chat.lock.json', 'chat.yaml'])
      const { region, account, gitops, oidc } = cluster(repository, 'live')
      assert.equal(
        { region, account, repoUrl: gitops.repoUrl },
        { region: 'eu-central-1', account: '123456789012', repoUrl: 'https://github.com/acme/llm' },
      )
      assert.equal(oidc, {
        kind: 'auth0',
        issuer: 'https://acme.eu.auth0.com/',
        audiences: ['slipway'],
        scopes: ['invoke'],
      })
      assert.match(repository.read('apps/tenants/team.yaml'), /claims: \{ azp: team \}\nmodels: \[chat\]\n/)
      assert.equal(synthesize(repository.root, everything, { write: false }).comparison?.changed, [])
    }))

  test('a repository over SSH: credentials are named, and the key of a host of one’s own', () =>
    withSample((repository) => {
      const ssh = ['--repository', 'git@git.acme.example:llm/slipway.git', ...shared.slice(2), '--model', 'chat']
      assert.match(init(repository.root, ...one, ...ssh).log, /GIT_SSH .*does not know the key of git\.acme\.example/)
      const line = 'git.acme.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo'
      const { status, log } = init(repository.root, ...one, ...ssh, '--known-host', line)
      assert.is(status, 0, log)
      assert.equal(cluster(repository, 'live').gitops, {
        enabled: false,
        repoUrl: 'git@git.acme.example:llm/slipway.git',
        credentials: 'slipway/live/repository',
        knownHosts: [line],
      })
    }))

  test('four clusters in two regions: a domain and a range of addresses each, a region for each', () =>
    withSample((repository) => {
      const names = ['a-dev', 'a-prod', 'b-dev', 'b-prod']
      const places = names.flatMap((name, index) => [
        '--cluster',
        name,
        '--region',
        index < 2 ? 'us-east-1' : 'eu-west-2',
      ])
      const { status, log } = init(
        repository.root,
        '--yes',
        ...places,
        '--account',
        '123456789012',
        '--domain',
        'ai.corp.example',
        ...shared,
        '--json',
      )
      assert.is(status, 0, log)
      const files = names.map((name) => cluster(repository, name))
      assert.equal(
        files.map(({ domain }) => domain),
        names.map((name) => `${name}.ai.corp.example`),
      )
      assert.equal(
        files.map(({ environment }) => environment),
        ['dev', 'prod', 'dev', 'prod'],
      )
      assert.equal(
        files.map(({ region }) => region),
        ['us-east-1', 'us-east-1', 'eu-west-2', 'eu-west-2'],
      )
      assert.is(new Set(files.map(({ network }) => network?.vpcCidr)).size, 4)
    }))

  test('any region of the table and any kind of issuer is accepted by synth', () =>
    withSample(({ root, write, remove }) => {
      const { repository } = loadRepository(root, everything)
      const texts = new Map(
        [...repository.models, ...repository.tenants, { file: repository.gateway }].map(({ file }) => [
          file?.path ?? '',
          readFileSync(join(root, file?.path ?? ''), 'utf8'),
        ]),
      )
      const kinds = Object.entries(issuerKinds)
      for (const [index, region] of Object.keys(regions).entries()) {
        const [kind, { example }] = kinds[index % kinds.length] as [keyof typeof issuerKinds, { example: string }]
        const answers = {
          clusters: [
            {
              name: `x${index}`,
              environment: index % 2 === 0 ? ('prod' as const) : ('dev' as const),
              region,
              account: '123456789012',
              domain: `x${index}.example.com`,
            },
          ],
          repository: 'https://git.example.com/x',
          knownHosts: [],
          issuer: { kind, url: example },
          models: repository.models.map(({ name }) => name),
          tenants: repository.tenants.map(({ name }) => name),
        }
        for (const name of readdirSync(join(root, 'clusters'))) remove(`clusters/${name}`)
        const { files } = initFiles(repository, texts, answers, false)
        for (const [path, text] of files) if (text !== undefined) write(path, text)
        for (const [path, text] of files) if (text === undefined && existsSync(join(root, path))) remove(path)
        const errors = planRepository(root, everything).diagnostics.filter(
          ({ level, code }) => level === 'error' && code !== 'BUDGET_EXCEEDED',
        )
        assert.equal(errors, [], `${region}, ${kind}`)
        // A model that went comes back for the next region.
        for (const [path, text] of texts) write(path, text)
        for (const { lock } of repository.models)
          if (lock !== undefined) write(lock.path, readFileSync(join(validFixture, lock.path), 'utf8'))
      }
    }))

  test('a budget of a sample follows the price of the region, and says so', () =>
    withSample((repository) => {
      const { status, out } = init(
        repository.root,
        ...one,
        ...shared,
        '--region',
        'ap-southeast-2',
        '--environment',
        'dev',
      )
      assert.is(status, 1, 'a region is given twice for one cluster')
      assert.is(out, '')
      const dear = init(
        repository.root,
        ...one.map((word) => (word === 'eu-central-1' ? 'ca-central-1' : word)),
        ...shared,
      )
      assert.is(dear.status, 0, dear.log)
      const { diagnostics } = planRepository(repository.root, everything)
      assert.equal(
        diagnostics.filter(({ level }) => level === 'error'),
        [],
      )
    }))

  test('asks what no option says, and again after a wrong answer', async () => {
    const questions = answering([
      'Live',
      'live',
      '',
      'eu-west-1',
      '123',
      '123456789012',
      'llm.example.com',
      'https://git.example.com/x',
      'okta',
      'https://x',
      'https://acme.okta.com/oauth2/default',
      'chat',
      'all',
    ])
    const answers = await readAnswers(values, { models: ['chat', 'embed'], tenants: ['team'] }, questions)
    assert.equal(answers.clusters, [
      { name: 'live', environment: 'dev', region: 'eu-west-1', account: '123456789012', domain: 'llm.example.com' },
    ])
    assert.equal(answers.issuer, { kind: 'okta', url: 'https://acme.okta.com/oauth2/default' })
    assert.equal([answers.models, answers.tenants], [['chat'], ['team']])
    assert.is(questions.asked.length, 13)
  })

  test('bad input: one clear line, and nothing is written', () =>
    withSample(({ root, read, write }) => {
      const before = treeOf(root)
      const wrong: [args: string[], says: RegExp][] = [
        [['--yes'], /^give --cluster, --account, --domain, --repository, --issuer too\n/],
        [[...one, ...shared, '--cluster', 'live'], /--cluster live is given twice/],
        [[...one, ...shared, '--cluster', 'Live_2'], /"Live_2" is no name of a cluster/],
        [
          [...one.map((word) => (word === 'eu-central-1' ? 'eu-central-9' : word)), ...shared],
          /eu-central-9.*did you mean eu-central-1/,
        ],
        [
          [...one.map((word) => (word === '123456789012' ? '1234' : word)), ...shared],
          /"1234" is no AWS account number/,
        ],
        [
          [...one, '--repository', 'ftp://github.com/acme/llm', '--issuer', 'https://x'],
          /no address of a Git repository: https:/,
        ],
        [[...one, ...shared, '--kind', 'okta'], /no issuer of Okta; one looks like/],
        [[...one, ...shared, '--model', 'chatt'], /did you mean chat/],
        [[...one, ...shared, '--model', 'chat', 'chat'], /belongs to no option/],
        [
          [...one.map((word) => (word === 'eu-central-1' ? 'me-south-1' : word)), ...shared, '--model', 'chat'],
          /chat.*not for sale in me-south-1/,
        ],
      ]
      for (const [args, says] of wrong) {
        const { status, out, log } = init(root, ...args)
        assert.is(status, 1, args.join(' '))
        assert.match(log, says)
        assert.not.match(log, /\n {4}at /)
        assert.is(out, '')
        assert.equal(treeOf(root), before)
      }
      write('clusters/blue/infra.json', read('clusters/blue/infra.json').replace('"example"', '"applied"'))
      assert.match(init(root, ...one, ...shared).log, /cluster blue was deployed/)
    }))
})

describe('edits of YAML', (test) => {
  const text =
    '# Above.\na: { b: 1, c: [x] } # beside\nlist: [x, y]\nclusters:\n  one: {} # first\n  two:\n    a: 1\nlast: 1\n'

  test('replace a value and nothing else', () => {
    assert.is(editYaml(text, ['list'], ['z']), text.replace('[x, y]', '[z]'))
    assert.is(editYaml(text, ['a', 'b'], 2), text.replace('b: 1', 'b: 2'))
    assert.is(editYaml(text, ['list'], undefined), text.replace('list: [x, y]\n', ''))
    assert.is(editYaml(text, ['none'], 1), text)
  })

  test('write a map anew in block form', () => {
    assert.is(
      editYamlMap(text, 'clusters', [['three', { a: [1] }]]),
      '# Above.\na: { b: 1, c: [x] } # beside\nlist: [x, y]\nclusters:\n  three: { a: [1] }\nlast: 1\n',
    )
    assert.is(editYamlMap('clusters:\n  one: {}\n', 'clusters', [['two', {}]]), 'clusters:\n  two: {}\n')
  })
})
