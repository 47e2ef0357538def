// `npm run platform:outputs` as a user runs it, with a Pulumi CLI that prints what was recorded.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { infraSchema } from '../../generators/schema/infra.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { root as repository } from '../../test/source-files.ts'
import { assert, describe } from '../../test/spec.ts'
import { infraFile } from '../infra-file.ts'

interface Fake {
  /** What `pulumi` prints; undefined: there is no CLI. */
  prints?: string
  status?: number
  args?: string[]
  /** infra.json before the run; default the committed example. */
  before?: string
}

/** Runs the command on a copy of the clusters; `infra` is the file afterwards. */
function run({ prints, status = 0, args = ['--cluster', 'dev'], before }: Fake) {
  const root = mkdtempSync(join(tmpdir(), 'slipway-outputs-'))
  try {
    for (const path of ['apps', 'clusters/dev/cluster.yaml', 'clusters/dev/infra.json'])
      cpSync(join(sampleRoot, path), join(root, path), { recursive: true })
    if (before !== undefined) writeFileSync(join(root, 'clusters/dev/infra.json'), before)
    const bin = join(root, 'bin')
    mkdirSync(bin)
    if (prints !== undefined) {
      writeFileSync(join(root, 'printed'), prints)
      const script = `#!/bin/sh\necho "$@" > ${root}/asked\ncat ${root}/printed\necho 'no stack named dev' >&2\nexit ${status}\n`
      writeFileSync(join(bin, 'pulumi'), script)
      chmodSync(join(bin, 'pulumi'), 0o755)
    }
    const result = spawnSync(process.execPath, [join(repository, 'platform/outputs.ts'), ...args, '--root', root], {
      encoding: 'utf8',
      // The shell’s own tools, and no Pulumi that may be installed here.
      env: {
        PATH: `${bin}:/bin`,
        GITHUB_ACTIONS: '',
        NODE_COMPILE_CACHE: join(repository, 'node_modules/.cache/slipway'),
      },
    })
    const infra = readFileSync(join(root, 'clusters/dev/infra.json'), 'utf8')
    const asked = prints === undefined || status !== 0 ? '' : readFileSync(join(root, 'asked'), 'utf8').trim()
    return { status: result.status, text: result.stdout + result.stderr, infra, asked, root }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const example = readFileSync(join(sampleRoot, 'clusters/dev/infra.json'), 'utf8')
const { status: _, ...recorded } = JSON.parse(example) as Record<string, string>

describe('npm run platform:outputs', (test) => {
  test('writes what the stack exports, as applied, and asks for this stack without secrets', () => {
    const { status, text, infra, asked, root } = run({ prints: JSON.stringify(recorded) })
    assert.is(status, 0, text)
    assert.equal(JSON.parse(infra), { status: 'applied', ...recorded })
    assert.is(asked, `stack output --json --stack dev --cwd ${root}/platform --non-interactive`)
  })

  test('says how to get the CLI when it is missing', () => {
    const { status, text, infra } = run({})
    assert.is(status, 1)
    assert.match(text, /Pulumi CLI is not on PATH: install it .*or give --from FILE/)
    assert.is(infra, example)
  })

  test('passes on what the CLI says', () => {
    const { status, text, infra } = run({ prints: '', status: 255 })
    assert.is(status, 1)
    assert.match(text, /no stack named dev/)
    assert.is(infra, example)
  })

  for (const [what, prints, message] of [
    ['a missing output, by name', JSON.stringify({ ...recorded, vpcId: undefined }), /FIELD_MISSING .*"vpcId"/],
    ['a secret', JSON.stringify({ ...recorded, apiId: '[secret]' }), /"apiId" is a secret/],
    ['what is no JSON', 'Current stack outputs (17):', /not JSON/],
  ] as const) {
    test(`refuses ${what}, and leaves the file as it is`, () => {
      const { status, text, infra } = run({ prints })
      assert.is(status, 1, text)
      assert.match(text, message)
      assert.is(infra, example)
    })
  }

  test('reads recorded outputs without the CLI, and says when nothing changed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-recorded-'))
    const file = join(folder, 'outputs.json')
    writeFileSync(file, JSON.stringify(recorded))
    const args = ['--cluster', 'dev', '--from', file]
    const first = run({ args })
    const second = run({ args, before: first.infra })
    rmSync(folder, { recursive: true })
    assert.match(first.text, /infra\.json written/)
    assert.match(second.text, /infra\.json is unchanged/)
    assert.is(second.infra, first.infra)
  })

  test('needs a cluster that is there', () => {
    assert.match(run({ args: [] }).text, /Give --cluster C/)
    assert.match(run({ args: ['--cluster', 'moon'] }).text, /no clusters\/moon\/cluster\.yaml/)
  })

  test('explains itself', () => {
    const { status, text } = run({ args: ['--help'] })
    assert.is(status, 0)
    assert.match(text, /npm run platform:outputs -- --cluster C/)
  })
})

describe('infra.json', (test) => {
  for (const [what, outputs, problem] of [
    ['a stack that was never applied', {}, /never applied/],
    ['an output that it has no field for', { ...recorded, password: 'x' }, /no field "password"/],
    ['a status that the stack claims', { ...recorded, status: 'example' }, /no field "status"/],
    ['a list', [], /not a JSON object/],
    ['nothing', null, /not a JSON object/],
  ] as const) {
    test(`is not made of ${what}`, () => {
      const { problems } = infraFile(outputs)
      assert.is(problems.length, 1)
      assert.match(problems[0] ?? '', problem)
    })
  }

  test('holds the fields in the order of the schema', () => {
    // With a bucket of weights, and the field of another edge, so that none is missing.
    const prod = JSON.parse(readFileSync(join(sampleRoot, 'clusters/prod/infra.json'), 'utf8')) as object
    const all = { ...prod, loadBalancerDomain: 'internal-prod-1.eu-central-1.elb.amazonaws.com' }
    const reversed = Object.fromEntries(
      Object.entries(all)
        .toReversed()
        .filter(([field]) => field !== 'status'),
    )
    assert.equal(Object.keys(JSON.parse(infraFile(reversed).text) as object), Object.keys(infraSchema.properties))
  })
})
