// What a client with a wrong base URL meant: a path without /v1 or with two, with a slash too many, or one at its end.
import { withoutLane } from '../request/received.ts'
import { bodyRoutes } from '../request/route-table.ts'

const known: ReadonlySet<string> = new Set([
  ...bodyRoutes.map(({ path }) => path),
  '/v1/models',
  '/tokenize',
  '/detokenize',
])

/** The route that is meant; undefined: nobody knows. */
export function meantRoute(url: string): string | undefined {
  const [given = ''] = url.split('?', 1)
  const path = withoutLane(given.replaceAll(/\/{2,}/g, '/')).replaceAll(/(?:\/v1)+(?=\/v1\/)|\/$/g, '')
  // The lane twice, or behind the version.
  const bare = path.replace(/^(?:\/v1)?\/stream(?=\/)/, '')
  return [bare, `/v1${bare}`].find((one) => known.has(one))
}

/** @param origin scheme and host */
export function routeHint(url: string, origin: string): string {
  const meant = meantRoute(url)
  if (meant === undefined) return 'There is no such route; /docs lists them.'
  const base = meant.startsWith('/v1/messages')
    ? `Anthropic’s clients is ${origin}/stream`
    : `OpenAI’s clients is ${origin}/stream/v1`
  return `There is no such route; did you mean ${meant}? The base URL of ${base}.`
}
