// What a hint names is typed into the model file unchanged, and holds: for the sample models and for the models of public logs.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type Diagnostic, isError } from '../../diagnostics/diagnostic.ts'
import { loadRepository } from '../../load/load-repository.ts'
import { parseJson, parseYaml } from '../../load/parse-source.ts'
import { planLoaded } from '../../pipeline.ts'
import { acceleratorKinds } from '../../schema/accelerators.ts'
import type { Lock } from '../../schema/lock.ts'
import { modelFileSchema } from '../../schema/model.ts'
import { judge } from '../../truth/judge.ts'
import { publicCases } from '../../truth/public-cases.ts'
import { validFixture, withRepository } from '../fixture.ts'

const models = join(sampleRoot, 'apps/models')

const samples = readdirSync(models)
  .filter((name) => name.endsWith('.lock.json') && /^engine:.*vllm/m.test(modelText(name)))
  .map((name) => JSON.parse(readFileSync(join(models, name), 'utf8')) as Lock)

function modelText(lockName: string): string {
  return readFileSync(join(models, lockName.replace('.lock.json', '.yaml')), 'utf8')
}

const logged = publicCases()
  .map((one) => judge(one).lock)
  .filter((lock) => lock !== undefined)
  .map((lock) => ({ ...lock, licence: 'mit', revision: 'a'.repeat(40) }) as Lock)

/** The valid repository with a cluster that may have every kind of GPU. */
const { repository } = withRepository(validFixture, ({ root, read, write }) => {
  const path = 'clusters/blue/cluster.yaml'
  write(path, read(path).replace('{ l4: 4 }', `{ ${acceleratorKinds.map((kind) => `${kind}: 64`).join(', ')} }`))
  return loadRepository(root, { models: ['nothing'], clusters: ['blue'] })
})

interface Settings {
  maxModelLen?: number
  kvCacheDtype?: string
  quantization?: string
  gpuMemoryUtilization?: number
  accelerator: string
}

const draft = ({ accelerator, ...options }: Settings, lock: Lock): string => `model: ${lock.id}
${'revision' in lock ? `revision: ${lock.revision}` : ''}
engine: ${JSON.stringify({ name: 'vllm', ...options })}
task: text-generation
accelerator: ${accelerator}
scaling: { minReplicas: 1, maxReplicas: 1 }
access: { tenants: [team] }
clusters: { blue: {} }
`

function errorsOf(settings: Settings, lock: Lock): Diagnostic[] {
  const model = parseYaml('apps/models/drafted.yaml', draft(settings, lock), modelFileSchema)
  const facts = parseJson('apps/models/drafted.lock.json', JSON.stringify(lock))
  if (model.file === undefined || facts.file === undefined) throw new Error(JSON.stringify(model.diagnostics))
  const drafted = { name: 'drafted', file: model.file, lock: facts.file }
  const { diagnostics } = planLoaded({ ...repository, models: [drafted] })
  return diagnostics.filter(isError).filter(({ position }) => position.file.startsWith('apps/models/drafted.'))
}

/** `kvCacheDtype: fp8 with maxModelLen: 4096`, as a reader would write it. */
function typed(settings: Settings, fix: string): Settings {
  const accelerator = /^accelerator: (.*)$/.exec(fix)?.[1]
  if (accelerator !== undefined) return { ...settings, accelerator }
  const fields = fix.split(' with ').map((one) => one.split(': '))
  return { ...settings, ...Object.fromEntries(fields.map(([name, value]) => [name, Number(value) || value])) }
}

const tooLarge = ['CONTEXT_EXCEEDS_GPU_MEMORY', 'MODEL_EXCEEDS_GPU_MEMORY']

/** How many ways out were named and tried. */
function follow(settings: Settings, lock: Lock): number {
  const errors = errorsOf(settings, lock)
  const [{ code, hint } = { code: '', hint: '' }] = errors
  if (errors.length !== 1 || !tooLarge.includes(code) || !hint.startsWith('write ')) return 0
  const fixes = hint.slice('write '.length).split('; or ')
  for (const fix of fixes) {
    const left = errorsOf(typed(settings, fix), lock).map((one) => `${one.code}: ${one.message}`)
    assert.equal(left, [], `${lock.id} ${JSON.stringify(settings)}: write ${fix}`)
  }
  return fixes.length
}

describe('what a hint names', (test) => {
  for (const [what, locks] of Object.entries({ samples, logged }))
    test(`holds when it is typed: models of ${what === 'logged' ? 'public logs' : 'the samples'}`, () => {
      let tried = 0
      fc.assert(
        fc.property(
          fc.constantFrom(...locks),
          fc.constantFrom(...acceleratorKinds),
          fc.constantFrom(1, 2, 4, 8),
          fc.constantFrom(1, 4, 16),
          fc.constantFrom(0.5, 0.8, 0.92),
          (lock, kind, count, part, gpuMemoryUtilization) => {
            const maxModelLen = Math.floor(lock.maxPositionEmbeddings / part)
            tried += follow(
              { accelerator: `{ type: ${kind}, count: ${count} }`, maxModelLen, gpuMemoryUtilization },
              lock,
            )
          },
        ),
        { numRuns: 200 },
      )
      assert.ok(tried > 20, `only ${tried} ways out were tried`)
    })
})
