// extraArgs against the flag list of vLLM 0.31.0.
import { assert, describe } from '../../../test/spec.ts'
import { vllm } from '../../engines/vllm.ts'
import { checkExtraArgs } from '../../validate/extra-args.ts'

const flags = vllm.versions.find(({ version }) => version === '0.31.0')?.flags ?? {}

function check(...args: string[]): string[] {
  const found: string[] = []
  checkExtraArgs(vllm, flags, args, (code, field, _message, hint) => found.push(`${field.at(-1)} ${code} ${hint}`))
  return found
}

describe('extraArgs', (test) => {
  test('take flags with = and with a word after them, switches and lists', () => {
    assert.equal(
      check(
        '--max-num-batched-tokens=8192',
        '--block-size',
        '16',
        '--enable-auto-tool-choice',
        '--no-enable-prefix-caching',
      ),
      [],
    )
    assert.equal(check('--middleware', 'a', '--ignore-patterns', 'x', 'y', 'z', '--enforce-eager'), [])
  })

  const wrong: [string[], string][] = [
    [['--max-num-batched-token=1'], '0 ENGINE_ARGUMENT_UNKNOWN did you mean --max-num-batched-tokens?'],
    [['--max-num-batched'], '0 ENGINE_ARGUMENT_UNKNOWN'],
    [['--disable-log-requests'], '0 ENGINE_ARGUMENT_UNKNOWN'],
    [['--enforce-eager=true'], '0 ENGINE_ARGUMENT_VALUE write --enforce-eager'],
    [['--block-size'], '0 ENGINE_ARGUMENT_VALUE write --block-size=8'],
    [['--block-size', '--enforce-eager'], '0 ENGINE_ARGUMENT_VALUE'],
    [['--enable-prefix-caching=false'], '0 ENGINE_ARGUMENT_VALUE write --no-enable-prefix-caching'],
    [['--block-size=16k'], '0 ENGINE_ARGUMENT_VALUE write a whole number'],
    [['--tool-call-parser=hermess'], '0 ENGINE_ARGUMENT_VALUE did you mean "hermes"?'],
    [['-tp', '2'], '0 ENGINE_ARGUMENT_UNKNOWN write flags whole'],
    [['stray'], '0 ENGINE_ARGUMENT_VALUE'],
    [['--enforce-eager', 'stray'], '1 ENGINE_ARGUMENT_VALUE'],
    [['--uvicorn-log-level=loud'], '0 ENGINE_ARGUMENT_VALUE'],
    [['--uvicorn-log-level', 'loud'], '1 ENGINE_ARGUMENT_VALUE'],
    [['--trust-remote-code'], '0 ENGINE_ARGUMENT_OWNED'],
    [['--served-model-name=x'], '0 ENGINE_ARGUMENT_OWNED'],
    [['--constructor=1'], '0 ENGINE_ARGUMENT_UNKNOWN'],
  ]
  for (const [args, expected] of wrong) {
    test(`refuse ${args.join(' ')}`, () => {
      const found = check(...args)
      assert.is(found.length, 1, found.join('\n'))
      assert.ok(found[0]?.startsWith(expected), found[0])
    })
  }
})
