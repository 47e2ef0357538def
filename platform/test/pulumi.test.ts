// `npm run platform` before a CLI that is not there, one of another version, and the right one.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../test/source-files.ts'
import { assert, describe } from '../../test/spec.ts'

const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>
const version = { ...devDependencies, ...dependencies }['@pulumi/pulumi'] ?? ''

/** @param cli a shell script in place of the CLI */
function run(cli: string | undefined, args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'))
  try {
    if (cli !== undefined) {
      writeFileSync(join(folder, 'pulumi'), `#!/bin/sh\n${cli}\n`)
      chmodSync(join(folder, 'pulumi'), 0o755)
    }
    const env = { ...process.env, PATH: `${folder}:/usr/bin:/bin` }
    return spawnSync(process.execPath, [join(root, 'platform/pulumi.ts'), ...args], { encoding: 'utf8', env })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const answering = (found: string) => `[ "$1" = version ] && echo v${found} && exit 0; echo "$@"; exit 7`

describe('npm run platform', (test) => {
  test('says how to install the CLI when there is none, or another version', () => {
    for (const cli of [undefined, answering('3.1.0')]) {
      const { status, stderr } = run(cli, ['preview'])
      assert.is(status, 1)
      assert.match(stderr, `sh -s -- --version ${version}`)
      assert.not.match(stderr, /\n {4}at /)
    }
  })

  test('hands on arguments and exit code', () => {
    const { status, stdout } = run(answering(version), ['up', '--stack', 'dev'])
    assert.is(stdout, `--cwd ${join(root, 'platform')} up --stack dev\n`)
    assert.is(status, 7)
  })
})
