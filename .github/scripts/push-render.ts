// Commits what was rendered and pushes it to the branch the job runs for.
import { spawnSync } from 'node:child_process'
import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../../generators/command-line/command.ts'
import { Failure } from '../../generators/diagnostics/failure.ts'

export const pushRender: Command = {
  name: 'push-render',
  summary: 'commit and push rendered files and locks',
  usage: `npm run workflow -- push-render [--root DIR]

  GITHUB_REF_NAME   the branch; only renovate/… is pushed to
  GITHUB_TOKEN      of an app that may write contents`,
  run,
}

/** What render-changed may have written; nothing else is committed. */
const folders = ['apps/models', 'clusters', 'schemas']
const author = 'github-actions[bot]'
const email = '41898282+github-actions[bot]@users.noreply.github.com'

function run(args: readonly string[], output: Output): ExitCode {
  const root = readRoot(readArguments(args, {}).values.root)
  const { GITHUB_REF_NAME: branch = '', GITHUB_TOKEN: token = '' } = process.env
  if (!/^renovate\/[\w./-]+$/.test(branch))
    throw new Failure(`GITHUB_REF_NAME is "${branch}"; only renovate/… is pushed to`)
  git(root, ['add', '--all', '--', ...folders])
  if (git(root, ['diff', '--cached', '--name-only']).trim() === '') {
    output.out('nothing to push\n')
    return 0
  }
  git(root, [
    '-c',
    `user.name=${author}`,
    '-c',
    `user.email=${email}`,
    'commit',
    '--quiet',
    '--message',
    'clusters: rendered',
  ])
  // By the environment: a token on a command line can be read by every process of the machine.
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  const header =
    token === ''
      ? {}
      : {
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: 'http.https://github.com/.extraheader',
          GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
        }
  git(root, ['push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`], header)
  output.out(`pushed to ${branch}\n`)
  return 0
}

function git(root: string, args: readonly string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', root, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (error !== undefined) throw new Failure('git cannot be started', { cause: error })
  if (status !== 0)
    throw new Failure(`git ${args.find((word) => /^[a-z]+$/.test(word))} failed: ${stderr.trim().split('\n')[0]}`)
  return stdout
}
