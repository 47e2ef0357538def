// GitHub's REST API, as far as these tasks need it. Addresses and token come from the variables that every job has.
import { Failure } from '../../generators/diagnostics/failure.ts'

const timeoutMs = 30_000
const perPage = 100
/** Pages of a list; more comments than this nobody reads. */
const mostPages = 30

export interface GitHub {
  /** OWNER/NAME. */
  repository: string
  get<Answer>(path: string): Promise<Answer>
  /** All pages of a list. */
  list<Item>(path: string): Promise<Item[]>
  send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<void>
}

/** Throws a Failure that names the variable that is missing. */
export function openGitHub(environment: Record<string, string | undefined> = process.env): GitHub {
  const read = (name: string): string => {
    const value = environment[name]
    if (value === undefined || value === '') throw new Failure(`${name} is not set; a workflow’s job has it`)
    return value
  }
  const [token, repository] = [read('GITHUB_TOKEN'), read('GITHUB_REPOSITORY')]
  const base = environment.GITHUB_API_URL ?? 'https://api.github.com'
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const answer = await fetch(`${base}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Failure(`GitHub answers ${answer.status} to ${method} ${path}`)
    return answer
  }
  const get = async <Answer>(path: string): Promise<Answer> => (await (await ask('GET', path)).json()) as Answer
  return {
    repository,
    get,
    async list<Item>(path: string) {
      const items: Item[] = []
      for (let page = 1; page <= mostPages; page += 1) {
        const more = await get<Item[]>(`${path}${path.includes('?') ? '&' : '?'}per_page=${perPage}&page=${page}`)
        items.push(...more)
        if (more.length < perPage) break
      }
      return items
    },
    async send(method, path, body) {
      await ask(method, path, body)
    },
  }
}
