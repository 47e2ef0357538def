// Rules over every workflow, and that what CODEOWNERS, renovate.json and lefthook.yml say is about files that are there.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ClusterFile } from '../../generators/schema/cluster.ts'
import { nodeDefaults } from '../../generators/schema/cluster-defaults.ts'
import { githubEnvironments } from '../../platform/deployer/plan-template.ts'
import { companies } from '../../test/companies.ts'
import { assert, describe } from '../../test/spec.ts'
import { files, folder, jobs, read, root, steps, workflows } from './workflow-files.ts'

const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)

describe('workflows', (test) => {
  test('every action is pinned by a whole commit with its version beside it, and one version of each is used', () => {
    const uses = workflows.flatMap(({ text }) => [...text.matchAll(/uses: (.+)$/gm)].map((match) => match[1] ?? ''))
    assert.equal(
      uses.filter((one) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(one)),
      [],
    )
    const versions = Map.groupBy(new Set(uses), (one) => one.split('@')[0])
    assert.equal(
      [...versions].filter(([, found]) => found.length > 1),
      [],
    )
  })

  test('nothing is permitted to a workflow; each job says what it needs, how long, and one at a time', () => {
    for (const { file, workflow } of workflows) {
      assert.equal(workflow.permissions, {}, file)
      assert.ok(workflow.concurrency, file)
    }
    for (const { file, name, job } of jobs) {
      assert.ok(job.permissions, `${file} ${name}`)
      assert.ok((job['timeout-minutes'] ?? 999) <= 90, `${file} ${name}`)
      assert.ok(job.name, `${file} ${name}`)
    }
  })

  test('only these jobs may write, and only this', () => {
    const writes = jobs.flatMap(({ file, name, job }) =>
      Object.entries(job.permissions ?? {}).flatMap(([right, level]) =>
        level === 'write' ? [`${file} ${name} ${right}`] : [],
      ),
    )
    assert.equal(writes.sort(), [
      'drift.yml platform id-token',
      'drift.yml tree issues',
      'images.yml build attestations',
      'images.yml build id-token',
      'images.yml build packages',
      'images.yml propose contents',
      'images.yml propose pull-requests',
      'platform.yml apply id-token',
      'platform.yml preview id-token',
      'review-comment.yml comment pull-requests',
      'scan.yml code security-events',
    ])
  })

  test('code of a pull request never meets a right to write', () => {
    for (const { file, workflow } of workflows) {
      assert.not.ok('pull_request_target' in workflow.on, file)
      if ('workflow_run' in workflow.on) {
        const checkouts = Object.values(workflow.jobs).flatMap((job) =>
          job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')),
        )
        assert.equal(
          checkouts.filter((step) => step.with?.ref !== undefined),
          [],
          file,
        )
      }
    }
  })

  test('checkouts leave no token behind', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'))
    assert.ok(checkouts.length >= files.length)
    assert.equal(
      checkouts.filter(({ step }) => step.with?.['persist-credentials'] !== false).map(({ file }) => file),
      [],
    )
  })

  test('steps run npm scripts that exist and nothing else, and take no text of an event into a shell', () => {
    for (const { file, step } of steps) {
      if (step.run === undefined) continue
      assert.not.match(step.run, /\$\{\{/, `${file}: ${step.run}`)
      for (const line of step.run.trim().split('\n')) {
        const script = /^npm (?:run )?(?:--silent )?"?([\w:$]+)"?/.exec(line)?.[1]
        const known = script === 'ci' || script === 'test' || script === '$PREPARE' || scripts.includes(script ?? '')
        assert.ok(known, `${file}: ${line}`)
      }
    }
  })

  test('tasks of npm run workflow exist', () => {
    const tasks = steps.flatMap(({ step }) =>
      [...(step.run ?? '').matchAll(/npm run workflow -- ([\w-]+)/g)].map((match) => match[1] ?? ''),
    )
    assert.ok(tasks.length >= 6)
    for (const task of tasks) {
      const { status, stdout } = spawnSync(process.execPath, [join(root, '.github/scripts/main.ts'), task, '--help'], {
        encoding: 'utf8',
      })
      assert.is(status, 0, task)
      assert.match(stdout, new RegExp(`npm run workflow -- ${task}`))
    }
  })

  test('jobs with AWS credentials are in the environments that the roles trust', () => {
    const withCredentials = jobs.filter(({ job }) => job.steps.some(({ uses }) => uses?.startsWith('aws-actions/')))
    assert.is(withCredentials.length, 3)
    for (const { file, name, job } of withCredentials) {
      const trusted = Object.values(githubEnvironments({ name: 'NAME' } as never))
      assert.ok(
        trusted.includes(String(job.environment).replace(/\$\{\{ matrix\.cluster \}\}/, 'NAME')),
        `${file} ${name}`,
      )
    }
  })

  test('test the fork of every company', () => {
    const matrices = jobs.flatMap(({ job }) => job.strategy?.matrix?.company ?? [])
    assert.equal(matrices, Object.keys(companies))
  })

  test('take the Pulumi CLI in the version of the program, as the README says', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
    const version = { ...devDependencies, ...dependencies }['@pulumi/pulumi']
    const readme = read('platform/README.md')
    assert.match(readme, `the Pulumi CLI, version ${version} and no other`)
    assert.match(read('docs/how-to/deploy.md'), `sh -s -- --version ${version}`)
    let steps = 0
    for (const { text } of workflows)
      for (const [, after = ''] of text.matchAll(/uses: pulumi\/actions@.*\n((?: {8,}.*\n){0,2})/g)) {
        assert.match(after, `pulumi-version: ${version}`)
        steps += 1
      }
    assert.ok(steps >= 3)
  })

  test('actionlint finds nothing', () => {
    const { error } = spawnSync('actionlint', ['--version'])
    if (error === undefined)
      execFileSync(
        'actionlint',
        workflows.map(({ file }) => join(folder, file)),
      )
  })
  if (spawnSync('actionlint', ['--version']).error !== undefined)
    test.skip('actionlint is not on this machine', 'go install github.com/rhysd/actionlint/cmd/actionlint')
})

describe('the files beside the workflows', (test) => {
  test('CODEOWNERS names paths that are there', () => {
    const lines = read('.github/CODEOWNERS')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    for (const line of lines) {
      const [pattern = '', ...owners] = line.split(/\s+/)
      assert.ok(owners.length > 0 && owners.every((owner) => owner.startsWith('@')), line)
      const glob = pattern.replace(/^\//, '').replace(/\/$/, '')
      if (glob !== '*') assert.ok(globSync(glob, { cwd: root }).length > 0, `${pattern} matches no file`)
    }
  })

  test('Renovate finds every Hub model and every chart', () => {
    const { customManagers } = JSON.parse(read('renovate.json')) as {
      customManagers: { managerFilePatterns: string[]; matchStrings: string[] }[]
    }
    const found = customManagers.flatMap(({ managerFilePatterns, matchStrings }) => {
      const pattern = new RegExp((managerFilePatterns[0] ?? '').slice(1, -1))
      const text = new RegExp(matchStrings[0] ?? '')
      return globSync('apps/*/*.yaml', { cwd: root }).filter((path) => pattern.test(path) && text.test(read(path)))
    })
    const all = globSync('apps/{models,addons}/*.yaml', { cwd: root })
    // A path of this repository is no model of the Hub.
    assert.equal(
      all.filter((path) => !found.includes(path)),
      all.filter((path) => /^model: \.\//m.test(read(path))),
    )
    assert.is(new Set(found).size, found.length)
  })

  test('Renovate finds the image of every cluster’s nodes and its default, and orders releases by date', () => {
    const { customManagers } = JSON.parse(read('renovate.json')) as {
      customManagers: Record<'managerFilePatterns' | 'matchStrings', string[]>[] & { versioningTemplate?: string }[]
    }
    const manager = customManagers.find(({ matchStrings }) => matchStrings.join().includes('al2023'))
    const patterns = (manager?.managerFilePatterns ?? []).map((pattern) => new RegExp(pattern.slice(1, -1)))
    const files = [...globSync('clusters/*/cluster.yaml', { cwd: root }), 'generators/schema/cluster-defaults.ts']
    for (const path of files) {
      assert.ok(
        patterns.some((pattern) => pattern.test(path.replaceAll('\\', '/'))),
        path,
      )
      const { currentValue = '' } = new RegExp(manager?.matchStrings[0] ?? '').exec(read(path))?.groups ?? {}
      assert.match(currentValue, new RegExp(manager?.versioningTemplate?.replace(/^regex:/, '') ?? '^$'), path)
      const value = path.endsWith('.yaml') ? (parse(read(path)) as ClusterFile).nodes?.ami : nodeDefaults.ami
      assert.is(`al2023@${currentValue}`, value, path)
    }
  })

  test('lefthook renders with an npm script', () => {
    const { 'pre-commit': hook } = parse(read('lefthook.yml')) as {
      'pre-commit': { commands: { synth: { run: string } } }
    }
    assert.match(hook.commands.synth.run, /^npm run --silent synth &&/)
    assert.ok(existsSync(join(root, 'schemas')))
  })
})
