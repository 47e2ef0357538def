// docs/reference/routes.md: every route of the gateway with the engines that answer, and the fields that need permission.
import { openApiDocument } from '../../gateway/documents/openapi.ts'
import { privilegedFields } from '../../gateway/request/body-policy.ts'
import { bodyRoutes, enginesOf, pathRoutes, routeTemplate } from '../../gateway/request/route-table.ts'
import { type Parameter, parameters } from '../../model-server/request/parameters.ts'
import { generatedLine } from './generated-line.ts'

interface Operation {
  summary: string
  security?: readonly object[]
}

/** Pages for people, which the OpenAPI document does not have. */
const pages = [
  '| `GET /openapi.json`, `GET /docs` | The OpenAPI document and a page for people; no token needed. | – |',
  '| `GET /console`, `GET /console/{file}` | The console page and its files; no token needed. | – |',
]

export function routesPage(): string {
  const inference = [...bodyRoutes, ...pathRoutes.toSorted((a, b) => (a.path < b.path ? -1 : 1))]
  const templates = new Set(inference.map(routeTemplate))
  return [
    generatedLine(
      'gateway/request/route-table.ts, gateway/documents/openapi.ts, gateway/request/body-policy.ts, model-server/request/parameters.ts',
    ),
    '# Routes',
    '',
    'All of them are also below `/stream`, the lane for streams and long answers. What the engine of a model lacks is 422, in words. No engine is',
    'deployed for speech yet; [why](../decisions/no-speech-yet.md).',
    '',
    '| route | what it does | engines |',
    '|---|---|---|',
    ...inference.map(
      (route) => `| \`POST ${routeTemplate(route)}\` | ${route.summary} | ${enginesOf(route).join(', ')} |`,
    ),
    ...otherRoutes(templates),
    ...pages,
    '',
    'On the second port: `/readyz` (503 while draining, or before the directory was read), `/livez`, `/metrics`.',
    '',
    '## Fields that need permission',
    '',
    'A tenant may send these only when its file lists them under `allowFields`. What asks for nothing passes: null, `priority: 0`, `best_of: 1`, and',
    'of `chat_template_kwargs` Qwen3’s switch `{"enable_thinking": true}` or false.',
    '',
    '| field | because |',
    '|---|---|',
    ...Object.entries(privilegedFields).map(([field, why]) => `| \`${field}\` | ${why} |`),
    '',
    '## Fields that the cpu engine takes',
    '',
    'Of the fields of vLLM’s two generating routes: done as vLLM does, harmless (leaving it out changes no answer here), or refused by a 400 that names it.',
    '',
    '| field | of | is | note |',
    '|---|---|---|---|',
    ...parameters.map(
      ({ name, routes, support, note }: Parameter) => `| \`${name}\` | ${routes} | ${support} | ${note} |`,
    ),
    '',
  ].join('\n')
}

function otherRoutes(inference: ReadonlySet<string>): string[] {
  const { paths } = openApiDocument('') as { paths: Record<string, Record<string, Operation>> }
  return Object.entries(paths)
    .filter(([path]) => !inference.has(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => ['get', 'post'].includes(method))
        .map(([method, { summary, security }]) => {
          const open = security?.length === 0 && !summary.includes('no token') ? ' No token needed.' : ''
          return `| \`${method.toUpperCase()} ${path}\` | ${summary}${open} | – |`
        }),
    )
}
