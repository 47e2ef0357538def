// GitHub's REST API on loopback: pull requests, comments and issues of one repository, kept in memory.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Comment {
  id: number
  body: string
  user: { type: string }
}

export interface Issue {
  number: number
  title: string
  body?: string
  state: string
}

export interface GitHubServer {
  env: Record<string, string>
  pulls: { number: number; head: { sha: string; label: string } }[]
  comments: Map<number, Comment[]>
  issues: Issue[]
  /** A fork has none until they are turned on. */
  hasIssues: boolean
  /** `METHOD path` of every request that changed something. */
  writes: string[]
  stop(): Promise<void>
}

export async function startGitHub(): Promise<GitHubServer> {
  const state: Pick<GitHubServer, 'pulls' | 'comments' | 'issues' | 'hasIssues' | 'writes'> = {
    pulls: [],
    comments: new Map(),
    issues: [],
    hasIssues: true,
    writes: [],
  }
  let next = 100
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://github')
    const path = url.pathname.replace('/repos/example/slipway', '')
    let text = ''
    for await (const chunk of request) text += chunk
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, string>
    const answer = (status: number, value?: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(value === undefined ? '' : JSON.stringify(value))
    if (request.headers.authorization !== 'Bearer test-token') return answer(401, {})
    if (request.method !== 'GET') state.writes.push(`${request.method} ${path}`)
    const pageOf = <Item>(items: readonly Item[]): Item[] => {
      const [size, page] = [Number(url.searchParams.get('per_page') ?? 30), Number(url.searchParams.get('page') ?? 1)]
      return items.slice(size * (page - 1), size * page)
    }
    if (path === '') return answer(200, { has_issues: state.hasIssues })
    if (path.startsWith('/issues') && !state.hasIssues) return answer(410, {})
    if (path === '/pulls')
      return answer(200, pageOf(state.pulls.filter(({ head }) => head.label === url.searchParams.get('head'))))
    const list = /^\/issues\/(\d+)\/comments$/.exec(path)?.[1]
    if (list !== undefined) {
      const comments = state.comments.get(Number(list)) ?? []
      if (request.method === 'GET') return answer(200, pageOf(comments))
      state.comments.set(Number(list), [...comments, { id: next++, body: body.body ?? '', user: { type: 'Bot' } }])
      return answer(201, {})
    }
    const one = /^\/issues\/comments\/(\d+)$/.exec(path)?.[1]
    if (one !== undefined) {
      for (const [pull, comments] of state.comments) {
        const kept =
          request.method === 'DELETE'
            ? comments.filter(({ id }) => id !== Number(one))
            : comments.map((comment) => (comment.id === Number(one) ? { ...comment, body: body.body ?? '' } : comment))
        state.comments.set(pull, kept)
      }
      return answer(request.method === 'DELETE' ? 204 : 200)
    }
    if (path === '/issues' && request.method === 'GET')
      return answer(200, pageOf(state.issues.filter((issue) => issue.state === 'open')))
    if (path === '/issues') {
      state.issues.push({ number: next++, title: body.title ?? '', body: body.body ?? '', state: 'open' })
      return answer(201, {})
    }
    const issue = state.issues.find(({ number }) => path === `/issues/${number}`)
    if (issue === undefined) return answer(404, {})
    Object.assign(issue, body)
    return answer(200, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const env = {
    GITHUB_API_URL: `http://127.0.0.1:${port}`,
    GITHUB_TOKEN: 'test-token',
    GITHUB_REPOSITORY: 'example/slipway',
  }
  return Object.assign(state, {
    env,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()),
  })
}
