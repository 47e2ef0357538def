// Speaks to a Hub: lists a revision's files and opens one of them. Knows what its refusals mean and what to do about them.
import { UserMistake } from '../user-mistake.ts'

export interface HubFile {
  path: string
  bytes: number
  /** Only large files have one. */
  sha256: string | undefined
}

export interface Listing {
  /** 40 hex digits. */
  commit: string
  files: HubFile[]
}

/** Something that may pass: the network, a busy or failing server. */
export class HubUnavailable extends Error {
  /** Seconds that the Hub asked to wait. */
  readonly retryAfter: number | undefined

  constructor(message: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.retryAfter = options.retryAfter
  }
}

export interface HubOptions {
  endpoint: string
  token: string | undefined
  /** Seconds without a byte until an answer counts as lost. */
  stallSeconds: number
}

const redirects = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5

export class HubClient {
  readonly #endpoint: URL
  readonly #options: HubOptions

  /** @throws UserMistake when the endpoint is no URL */
  constructor(options: HubOptions) {
    this.#options = options
    try {
      this.#endpoint = new URL(options.endpoint.replace(/\/*$/, '/'))
    } catch {
      throw new UserMistake(`HF_ENDPOINT ${options.endpoint}: not a URL; write it as https://huggingface.co`)
    }
  }

  /** @throws UserMistake, HubUnavailable */
  async list(model: string, revision: string): Promise<Listing> {
    const path = `api/models/${model}/revision/${encodeURIComponent(revision)}?blobs=true`
    const response = await this.#get(path, {}, model, revision)
    const answer = (await bodyOf(response, this.#endpoint)) as {
      sha?: unknown
      siblings?: { rfilename?: unknown; size?: unknown; lfs?: { sha256?: unknown; size?: unknown } }[]
    }
    if (typeof answer.sha !== 'string' || !/^[0-9a-f]{40}$/.test(answer.sha) || !Array.isArray(answer.siblings))
      throw new HubUnavailable(`${this.#endpoint.host}: does not answer as a Hub does`)
    const files = answer.siblings.map(({ rfilename, size, lfs }) => ({
      path: safePath(rfilename, model),
      bytes: Number(lfs?.size ?? size ?? 0),
      sha256: typeof lfs?.sha256 === 'string' ? lfs.sha256 : undefined,
    }))
    return { commit: answer.sha, files }
  }

  /**
   * The bytes of one file from `from` on, or all of them: the status says which (206, 200).
   * 416 means that there is nothing behind `from`.
   * @throws UserMistake, HubUnavailable
   */
  async open(model: string, commit: string, file: string, from: number): Promise<Response> {
    const path = `${model}/resolve/${commit}/${file.split('/').map(encodeURIComponent).join('/')}`
    return this.#get(path, from > 0 ? { range: `bytes=${from}-` } : {}, model, commit, file)
  }

  get stallSeconds(): number {
    return this.#options.stallSeconds
  }

  async #get(
    path: string,
    headers: Record<string, string>,
    model: string,
    revision: string,
    file?: string,
  ): Promise<Response> {
    let url = new URL(path, this.#endpoint)
    for (let hop = 0; hop <= mostRedirects; hop += 1) {
      const response = await this.#request(url, headers)
      if (redirects.has(response.status)) {
        await response.body?.cancel()
        url = new URL(response.headers.get('location') ?? '', url)
        continue
      }
      if (response.ok || response.status === 416) return response
      await response.body?.cancel()
      throw this.#refusal(response, model, revision, file)
    }
    throw new HubUnavailable(`${this.#endpoint.host}: more than ${mostRedirects} redirects`)
  }

  async #request(url: URL, headers: Record<string, string>): Promise<Response> {
    const { token, stallSeconds } = this.#options
    // The files lie with others, whom the token does not concern.
    const authorization: Record<string, string> =
      token !== undefined && url.origin === this.#endpoint.origin ? { authorization: `Bearer ${token}` } : {}
    // For the headers alone; the body has a limit of its own, from byte to byte.
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error('no answer in time')), stallSeconds * 1000)
    try {
      return await fetch(url, {
        redirect: 'manual',
        // Compressed bytes could not be resumed or counted.
        headers: { 'accept-encoding': 'identity', 'user-agent': 'slipway-model-server', ...headers, ...authorization },
        signal: late.signal,
      })
    } catch (error) {
      throw new HubUnavailable(`${url.host}: ${reasonOf(error)}`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  #refusal({ status, headers }: Response, model: string, revision: string, file: string | undefined): Error {
    const { token } = this.#options
    const page = new URL(model, this.#endpoint).href
    const code = headers.get('x-error-code') ?? ''
    if (code === 'GatedRepo' || status === 403)
      return new UserMistake(
        token === undefined
          ? `${model} is gated: accept its terms at ${page}, then set HF_TOKEN to a token of that account`
          : `${model} is gated, and the account of HF_TOKEN may not read it: accept its terms at ${page}`,
      )
    if (code === 'RevisionNotFound')
      return new UserMistake(`${model} has no revision ${revision}: take a commit from ${page}/commits/main`)
    if (code === 'EntryNotFound' || (status === 404 && file !== undefined))
      return new UserMistake(`${model} has no file ${file ?? ''} at ${revision}: see ${page}/tree/${revision}`)
    if (status === 401 && token !== undefined && code !== 'RepoNotFound')
      return new UserMistake(
        `${this.#endpoint.host} refuses HF_TOKEN: make a new one at ${new URL('settings/tokens', this.#endpoint).href}`,
      )
    if (status === 401 || status === 404)
      return new UserMistake(
        `${model} is not at ${this.#endpoint.host}, or is private: check the id${token === undefined ? '; for a private model set HF_TOKEN' : ' and whether the account of HF_TOKEN may read it'}`,
      )
    const wait = Number(headers.get('retry-after') ?? Number.NaN)
    const what = status === 429 ? 'asks to slow down' : `answers ${status}`
    const message = `${this.#endpoint.host}: ${what} for ${file ?? model}`
    return new HubUnavailable(message, { retryAfter: Number.isFinite(wait) ? wait : undefined })
  }
}

async function bodyOf(response: Response, endpoint: URL): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    throw new HubUnavailable(`${endpoint.host}: its list of files is broken off or no JSON`, { cause: error })
  }
}

export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || String((cause as { code?: string }).code) : message
}

/** Names come from outside and become paths. @throws UserMistake */
function safePath(name: unknown, model: string): string {
  const isSafe =
    typeof name === 'string' &&
    !name.includes('\\') &&
    !name.includes('\0') &&
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (isSafe) return name
  throw new UserMistake(`${model} lists a file with the name ${JSON.stringify(name)}, which leads out of its directory`)
}
