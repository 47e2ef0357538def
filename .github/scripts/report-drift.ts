// One issue about drift: opened when the tree is no longer what it should be, closed when it is again.
import { readArguments } from '../../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../../generators/command-line/command.ts'
import { openGitHub } from './github-api.ts'

const title = 'Drift: main is not what its sources say'

export const reportDrift: Command = {
  name: 'report-drift',
  summary: 'open, update or close the issue about drift',
  usage: `npm run workflow -- report-drift --check OUTCOME --test OUTCOME

  OUTCOME of a step: success, failure, skipped or cancelled`,
  run,
}

interface Issue {
  number: number
  title: string
  pull_request?: object
}

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values } = readArguments(args, {
    check: { type: 'string', default: 'skipped' },
    test: { type: 'string', default: 'skipped' },
  })
  const github = openGitHub()
  const sound = values.check === 'success' && values.test === 'success'
  // A fork has no issues until somebody turns them on; then the outcome of the job is all there is.
  if (!(await github.get<{ has_issues: boolean }>(`/repos/${github.repository}`)).has_issues) {
    output.log(
      `${github.repository} has its issues turned off; npm run check: ${values.check}, npm test: ${values.test}\n`,
    )
    return sound ? 0 : 1
  }
  const path = `/repos/${github.repository}/issues`
  const open = (
    await github.list<Issue>(`${path}?state=open&creator=${encodeURIComponent('github-actions[bot]')}`)
  ).find((issue) => issue.pull_request === undefined && issue.title === title)
  const { GITHUB_SERVER_URL: server = 'https://github.com', GITHUB_RUN_ID: run = '' } = process.env
  const body = `\`npm run check\`: ${values.check}; \`npm test\`: ${values.test}.\n\n${server}/${github.repository}/actions/runs/${run}\n\nA rendered file was changed by hand, two branches were merged whose trees do not fit together, or a date was passed (an API key, a price). \`npm run check\` says what.`
  if (sound && open !== undefined) await github.send('PATCH', `${path}/${open.number}`, { state: 'closed' })
  if (!sound && open === undefined) await github.send('POST', path, { title, body })
  if (!sound && open !== undefined) await github.send('PATCH', `${path}/${open.number}`, { body })
  output.out(sound ? 'no drift\n' : 'drift: see the issue\n')
  return 0
}
