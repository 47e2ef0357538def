// One comment with the card: made, updated, or deleted when there is nothing to say any more.
import { readFileSync } from 'node:fs'
import { readArguments } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { Failure } from '../../generators/diagnostics/failure.ts'
import { commentLimit, marker } from '../../generators/review/card/markdown.ts'
import { type GitHub, openGitHub } from './github-api.ts'

export const commentReview: Command = {
  name: 'comment-review',
  summary: 'post the card of a pull request as its one comment',
  usage: `npm run workflow -- comment-review --card FILE

  --card FILE   what npm run review wrote; an empty file deletes the comment

  HEAD_OWNER, HEAD_BRANCH, HEAD_SHA name the commit that was reviewed`,
  run,
}

interface PullRequest {
  number: number
  head: { sha: string }
}

interface Comment {
  id: number
  body?: string
  user: { type: string } | null
}

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values } = readArguments(args, { card: { type: 'string' } })
  if (values.card === undefined) throw new UsageError('say which file holds the card: --card FILE')
  const card = readCard(values.card)
  const github = openGitHub()
  const pull = await findPullRequest(github, process.env)
  if (pull === undefined) {
    output.out('no open pull request has this commit as its newest; nothing to say\n')
    return 0
  }
  const path = `/repos/${github.repository}/issues/${pull.number}/comments`
  const mine = (await github.list<Comment>(path)).find(
    ({ body, user }) => user?.type === 'Bot' && body?.startsWith(marker),
  )
  const one = (id: number) => `/repos/${github.repository}/issues/comments/${id}`
  if (card === '' && mine !== undefined) await github.send('DELETE', one(mine.id))
  else if (card !== '' && mine === undefined) await github.send('POST', path, { body: card })
  else if (card !== '' && mine !== undefined && mine.body !== card)
    await github.send('PATCH', one(mine.id), { body: card })
  output.out(`pull request ${pull.number}: ${card === '' ? 'no card' : 'the card is there'}\n`)
  return 0
}

/** Code of the pull request wrote the file, so it is text that may be anything: only its length and its first line are held to. */
function readCard(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Failure(`cannot read ${path}`, { cause: error })
  }
  if (text.trim() === '') return ''
  if (!text.startsWith(marker)) throw new Failure(`${path} is no card: its first line is not ${marker}`)
  if (text.length > commentLimit)
    throw new Failure(`${path} has ${text.length} characters, a comment takes ${commentLimit}`)
  return text
}

/** By owner and branch, which GitHub knows, and only if the reviewed commit is still its newest. */
async function findPullRequest(
  github: GitHub,
  { HEAD_OWNER, HEAD_BRANCH, HEAD_SHA }: Record<string, string | undefined>,
): Promise<PullRequest | undefined> {
  if (!HEAD_OWNER || !HEAD_BRANCH || !HEAD_SHA) throw new Failure('HEAD_OWNER, HEAD_BRANCH and HEAD_SHA must be set')
  const head = encodeURIComponent(`${HEAD_OWNER}:${HEAD_BRANCH}`)
  const pulls = await github.list<PullRequest>(`/repos/${github.repository}/pulls?state=open&head=${head}`)
  return pulls.find((pull) => pull.head.sha === HEAD_SHA)
}
