// `npm run fit` as a person runs it, on logs as vLLM writes them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../../../test/run-program.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { readCases } from '../../truth/case.ts'
import { judge } from '../../truth/judge.ts'
import { LogProblem, readLog, utilizationOf } from '../../truth/read-log.ts'
import { repositoryRoot } from '../fixture.ts'

const logs = join(import.meta.dirname, 'logs')
const textOf = (name: string): string => readFileSync(join(logs, `${name}.log`), 'utf8')

const fit = (...args: string[]) =>
  runProgram(process.execPath, [join(repositoryRoot, 'generators/main.ts'), 'fit', '--root', sampleRoot, ...args])

const given = (name: string): string[] => ['--log', join(logs, `${name}.log`)]

describe('readLog', (test) => {
  test('reads arguments and figures, also where they share a line', () => {
    const { version, model, servedNames, maxModelLen, tensorParallel, utilization, ...said } = readLog(
      textOf('started'),
    )
    assert.equal(
      { version, model, servedNames, maxModelLen, tensorParallel, utilization },
      {
        version: '0.31.0',
        model: 'meta-llama/Llama-3.1-8B-Instruct',
        servedNames: ['llama-8b'],
        maxModelLen: 131_072,
        tensorParallel: 1,
        utilization: 0.92,
      },
    )
    const { loadingGib, kvGib, kvTokens, concurrency, failure } = said
    assert.equal(
      { loadingGib, kvGib, kvTokens, concurrency, failure },
      {
        loadingGib: 15,
        kvGib: 56.21,
        kvTokens: 460_496,
        concurrency: 3.51,
        failure: undefined,
      },
    )
  })

  test('reads what a container runtime has put its stamp before, coloured or not, and why the engine gave up', () => {
    const { maxNumSeqs, maxNumBatchedTokens, kvGib, neededGib, failure } = readLog(
      `\u001b[36m${textOf('refused')}\u001b[0m`,
    )
    assert.equal([maxNumSeqs, maxNumBatchedTokens, kvGib, neededGib], [64, 2048, 4.31, 8])
    assert.match(failure ?? '', /^To serve at least one request/)
  })

  test('takes the smallest of several workers, and the last of several starts', () => {
    const workers = textOf('started').replace(
      '56.21 GiB\n',
      '56.21 GiB\n(Worker_TP1) Available KV cache memory: 55.9 GiB\n',
    )
    assert.is(readLog(workers).kvGib, 55.9)
    assert.is(readLog(textOf('refused') + textOf('started')).kvGib, 56.21)
    assert.is(readLog(textOf('started') + textOf('refused')).neededGib, 8)
  })

  test('knows the share of memory that each version takes by itself', () => {
    const log = readLog(textOf('started'))
    const share = (version: string): number => utilizationOf({ ...log, utilization: undefined, version })
    assert.equal(['0.11.0', '0.23.0', '0.24.0', '0.31.0'].map(share), [0.9, 0.9, 0.92, 0.92])
  })

  for (const [what, text, words] of [
    ['a log of the CPU build', textOf('cpu'), /on a CPU/],
    ['a log of the old engine', 'INFO vllm # GPU blocks: 1952', /old engine/],
    ['a log that ends too soon', "vLLM non-default args: {'model': 'a/b'}", /ends before/],
    ['another text', 'Dear diary\n', /is no start-up log/],
  ] as const)
    test(`refuses ${what}`, () =>
      assert.throws(
        () => readLog(text),
        (error: Error) => error instanceof LogProblem && words.test(error.message),
      ))
})

describe('npm run fit', (test) => {
  test('prints said beside logged, and where the start was another than the plan', async () => {
    const { status, out } = await fit(...given('started'), '--gpu', 'a100-80gb')
    assert.is(status, 0)
    assert.match(out, /^llama-3-1-8b-instruct in prod: 1 × a100-80gb, vLLM 0\.31\.0, 131072 tokens, utilization 0\.92/)
    assert.match(out, /\nKV cache, GiB per GPU +5[5-7]\.\d\d +56\.21\n/)
    assert.match(out, /\ntokens said ÷ logged: (?:0\.9\d|1\.0\d)\n/)
    assert.match(out, /\nnote: GPU was a100-80gb, the plan has l4\n/)
    assert.match(out, /\nnote: --max-num-seqs was left to the engine, the plan has \d+/)
  })

  test('finds the model by its name on the Hub, by the name it is served under and by an alias', async () => {
    const { out } = await fit(...given('refused'))
    assert.match(out, /^llama-3-1-8b-instruct in prod: 1 × l4, vLLM \(version unknown\)/)
    assert.match(out, /\n\nTo serve at least one request/)
  })

  test('says of a start that failed that it does not fit either', async () => {
    const { status, out } = await fit(...given('refused'), '--json')
    assert.is(status, 0)
    const { ok, result } = JSON.parse(out) as {
      ok: boolean
      result: { said: { fits: boolean }; logged: { fits: boolean } }
    }
    assert.ok(ok)
    assert.equal([result.said.fits, result.logged.fits], [false, false])
  })

  test('makes a case that the benchmark reads', async () => {
    const { out } = await fit(...given('started'), '--gpu', 'a100-80gb', '--json')
    const { result } = JSON.parse(out) as { result: { case: object; kvTokensRatio: number } }
    const [one] = readCases(JSON.stringify([result.case]))
    assert.ok(one)
    assert.is(judge(one).kvTokensRatio, result.kvTokensRatio)
  })

  test('answers a log that is none with what it is', async () => {
    assert.match((await fit()).log, /^give one log: --log FILE/)
    assert.match((await fit('--log', 'nowhere.log')).log, /^nowhere\.log is not there/)
    assert.match((await fit('--log', repositoryRoot)).log, /is no file/)
    assert.match((await fit(...given('cpu'))).log, /cpu\.log is a log of vLLM on a CPU/)
  })

  test('answers names that are none with what there is', async () => {
    assert.match((await fit(...given('started'), '--model', 'lama')).log, /no model "lama" on GPUs there/)
    assert.match((await fit(...given('started'), '--gpu', 'l5')).log, /did you mean l4\?/)
    assert.match((await fit(...given('started'), '--cluster', 'prd')).log, /did you mean prod\?/)
  })

  test('asks for the model where the log is of none of the repository', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-fit-'))
    try {
      const path = join(folder, 'other.log')
      const others = textOf('started').replaceAll('meta-llama/Llama-3.1-8B-Instruct', 'someone/else')
      writeFileSync(path, others.replace('llama-8b', 'else'))
      const { status, log } = await fit('--log', path)
      assert.is(status, 1)
      assert.match(log, /^the log is of someone\/else; say --model NAME: [\w-]+, /)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
