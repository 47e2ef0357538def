// A copy of this repository on which nothing is set yet: what lacks something is skipped, and docs/workflows.md says what it lacks.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { parse } from 'yaml'
import { assert, describe } from '../../test/spec.ts'
import { run } from './run-task.ts'
import { type Job, jobs, read, root, workflows } from './workflow-files.ts'

const clusters = readdirSync(join(root, 'clusters')).sort()

/** What GitHub gives for a name that is not set. */
const orEmpty = (values: Record<string, unknown>): object =>
  new Proxy(values, { get: (target, name) => (Object.hasOwn(target, name) ? Reflect.get(target, name) : '') })

/** GitHub’s conditions read as JavaScript, as far as they are used here. */
function runs({ if: condition = 'true' }: Job, vars: Record<string, string>, event: Record<string, unknown>): boolean {
  const expression = condition.replace(/^\$\{\{(.*)\}\}$/s, '$1')
  return Boolean(
    runInNewContext(expression, {
      vars: orEmpty(vars),
      github: orEmpty({ repository: 'MyOrg/slipway', event: {}, ...event }),
      needs: { clusters: { outputs: { clusters: JSON.stringify(clusters) } } },
      contains: (list: unknown[], one: unknown) => list.includes(one),
      fromJSON: JSON.parse,
    }),
  )
}

const pullRequest = { head: { repo: { full_name: 'MyOrg/slipway' } } }
const events: Record<string, unknown>[] = [
  { event_name: 'push' },
  { event_name: 'pull_request', event: { pull_request: pullRequest } },
  { event_name: 'schedule', event: { schedule: '47 4 * * 1' } },
  { event_name: 'workflow_dispatch' },
]

/** What a job cannot do without, as the table writes it. */
function needsOf(job: Job): string[] {
  const text = JSON.stringify(job)
  const named = [...text.matchAll(/\b(?:vars|secrets)\.\w+/g)].map(([name]) => name)
  const forCluster = (value: string): string => value.replace(/\$\{\{ matrix\.cluster \}\}/g, 'C')
  return [
    ...named,
    ...(job.environment === undefined ? [] : [`environment: ${forCluster(job.environment)}`]),
    ...(Array.isArray(job['runs-on']) ? [`runs-on: ${forCluster(job['runs-on'].join(', '))}`] : []),
  ]
}

const sorted = (list: Iterable<string>): string[] => [...new Set(list)].sort()
const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
const isNeed = (code: string): boolean => /^(?:vars\.|secrets\.|environment: |runs-on: )/.test(code)

const document = read('docs/workflows.md')
const rows = (heading: string): string[][] =>
  (document.split(`# ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))

const table = rows('Workflows').map(([first = '', , , needs = '', without = '']) => {
  const [file = '', ...names] = codeIn(first)
  const all = jobs.filter((one) => one.file === file)
  const named = names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
  return { file, names, jobs: named, needs: codeIn(needs).filter(isNeed), without: without.trim() }
})
const settings = rows('What to set').map(([first = '', where = '']) => ({ names: codeIn(first), where: where.trim() }))

describe('the first day of a copy', (test) => {
  test('no job that needs something runs while nothing is set, whatever happens', () => {
    for (const { file, name, job } of jobs.filter(({ job }) => needsOf(job).length > 0))
      for (const event of events) assert.not.ok(runs(job, {}, event), `${file} ${name} on ${event.event_name}`)
  })

  test('each runs when its variables are set, on one event at least', () => {
    const all = Object.fromEntries(settings.flatMap(({ names }) => names.map((name) => [name.split('.')[1], 'x'])))
    for (const { file, name, job } of jobs.filter(({ job }) => needsOf(job).length > 0))
      assert.ok(
        events.some((event) => runs(job, all, event)),
        `${file} ${name}`,
      )
  })

  test('a condition asks for variables of the repository alone: those of an environment are not there yet', () => {
    const ofRepository = settings.filter(({ where }) => where === 'repository').flatMap(({ names }) => names)
    for (const { file, name, job } of jobs) {
      const asked = [...(job.if ?? '').matchAll(/\b(?:vars|secrets)\.\w+/g)].map(([one]) => one)
      assert.equal(
        asked.filter((one) => !ofRepository.includes(one)),
        [],
        `${file} ${name}`,
      )
      if (job.needs === 'clusters') assert.match(job.if ?? '', /needs\.clusters\.outputs\.clusters != '\[\]'/, name)
    }
  })

  test('a job on a machine of one’s own has a switch of its own: without the machine it would wait for a day and fail', () => {
    const switches = (job: Job): string[] => sorted((job.if ?? '').match(/vars\.\w+/g) ?? [])
    const [own, ...more] = jobs.filter(({ job }) => Array.isArray(job['runs-on']))
    assert.ok(own)
    assert.equal(more, [])
    const others = jobs.filter(({ job }) => job !== own?.job && job.needs === 'clusters')
    assert.ok(others.length >= 2)
    for (const { file, name, job } of others)
      assert.equal(
        switches(job).filter((one) => own !== undefined && switches(own.job).includes(one)),
        [],
        `${file} ${name}`,
      )
  })

  test('no cluster is named in a workflow; a matrix of clusters is what list-clusters found', () => {
    const places = jobs.map(({ job }) => [
      job.strategy,
      job.environment,
      job['runs-on'],
      job.steps.map(({ env }) => env),
    ])
    for (const cluster of clusters)
      assert.not.match(JSON.stringify(places), new RegExp(`"${cluster}"|platform-${cluster}\\b`))
    const matrices = jobs.flatMap(({ job }) => job.strategy?.matrix?.cluster ?? [])
    assert.equal(sorted(matrices), [`\${{ fromJSON(needs.clusters.outputs.clusters) }}`])
  })
})

describe('list-clusters', (test) => {
  const list = (...args: string[]) => run(['list-clusters', ...args], { GITHUB_OUTPUT: '' })

  test('writes every folder that has a cluster file, as a matrix takes it', async () => {
    assert.is((await list()).out, `clusters=${JSON.stringify(clusters)}\n`)
  })

  test('writes those that are set up, and none for none', async () => {
    const [first = '', second = ''] = clusters
    const both = `clusters=${JSON.stringify([first, second].filter(Boolean))}\n`
    assert.is((await list('--among', ` ${second}, ${first} `)).out, both)
    assert.is((await list('--among', first)).out, `clusters=["${first}"]\n`)
    assert.is((await list('--among', ' ')).out, 'clusters=[]\n')
  })

  test('refuses a name that no folder has', async () => {
    const { status, log } = await list('--among', `${clusters[0]}x`)
    assert.is(status, 1)
    assert.match(log, new RegExp(`there is no clusters/${clusters[0]}x/cluster\\.yaml; did you mean ${clusters[0]}\\?`))
  })
})

describe('docs/workflows.md', (test) => {
  test('has every job once, and says of each what it needs and what happens without', () => {
    const named = table.flatMap((row) => row.jobs.map(({ file, name }) => `${file} ${name}`))
    const listed = [...new Set(jobs.map(({ file, name }) => `${file} ${name}`))]
    // The job that lists the clusters belongs to the rows of those that follow it.
    assert.equal(sorted(named), listed.sort())
    for (const { file, names, jobs: own, needs, without } of table) {
      assert.ok(names.length === 0 || names.length === own.length, `${file} ${names}`)
      const real = own.filter(({ name }) => name !== 'clusters' || own.length === 1)
      assert.equal(sorted(needs), sorted(real.flatMap(({ job }) => needsOf(job))), `${file} ${names}`)
      assert.is(without, needs.length === 0 ? '–' : 'skipped', `${file} ${names}`)
    }
  })

  test('says of every variable and secret where it is set', () => {
    const needed = jobs.flatMap(({ job }) => needsOf(job)).filter((one) => /^(?:vars|secrets)\./.test(one))
    assert.equal(settings.flatMap(({ names }) => names).sort(), sorted(needed))
  })

  test('the branch of the workflows is the one that the clusters follow', () => {
    const pushed = workflows.flatMap(
      ({ workflow }) => (workflow.on.push as { branches?: string[] } | null)?.branches ?? [],
    )
    const followed = clusters.map(
      (name) =>
        (parse(read(`clusters/${name}/cluster.yaml`)) as { gitops: { revision?: string } }).gitops.revision ?? 'main',
    )
    assert.equal(sorted(pushed.filter((branch) => !branch.startsWith('renovate/'))), sorted(followed))
  })
})
