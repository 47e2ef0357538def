// What a client with a wrong base URL meant: a path without its version or with two, below a folder that is none of ours, with a slash
// too many, in other letters, or asked with another method.
import { withoutLane } from '../request/received.ts'
import { bodyRoutes } from '../request/route-table.ts'

const posted: readonly string[] = [...bodyRoutes.map(({ path }) => path), '/tokenize', '/detokenize']
/** Longest first: /v2/rerank is no /rerank. */
const known = [...posted, '/v1/models'].sort((a, b) => b.length - a.length)
const withoutVersion = (path: string): string => path.replace(/^\/v1(?=\/)/, '')

/** Without query, with single slashes, none at the end. */
const tidied = (url: string): string => (url.split('?', 1)[0] ?? '').replaceAll(/\/{2,}/g, '/').replace(/\/$/, '')

/** The route that is meant; undefined: nobody knows. */
export function meantRoute(url: string): string | undefined {
  const path = tidied(url).toLowerCase()
  return known.find((one) => path.endsWith(one)) ?? known.find((one) => path.endsWith(withoutVersion(one)))
}

/** Of what follows /models/: a model has at most one slash in its id. */
export function meantBelowModel(rest: string): string | undefined {
  const path = tidied(rest)
  const meant = meantRoute(path)
  if (meant === undefined || !posted.includes(meant)) return undefined
  const model = path.slice(0, -withoutVersion(meant).length).replace(/(?:\/v\d)+$/, '')
  return model === '' ? undefined : `There is no such route; did you mean /models/${model}${meant}?`
}

function baseOf(meant: string, origin: string): string {
  if (meant.startsWith('/v1/messages')) return ` The base URL of Anthropic’s clients is ${origin}/stream.`
  if (meant.startsWith('/v2/')) return ` The base URL of Cohere’s clients is ${origin}/stream.`
  return meant.startsWith('/v1/') ? ` The base URL of OpenAI’s clients is ${origin}/stream/v1.` : ''
}

/** @param origin scheme and host */
export function routeHint(method: string, url: string, origin: string): string {
  const meant = meantRoute(url)
  if (meant === undefined) return 'There is no such route; /docs lists them.'
  if (withoutLane(url.split('?', 1)[0] ?? '') === meant)
    return `${meant} takes ${posted.includes(meant) ? 'POST' : 'GET'}, not ${method}.`
  return `There is no such route; did you mean ${meant}?${baseOf(meant, origin)}`
}
