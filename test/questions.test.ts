// What users ask: each question is answered on a page that is at most two clicks from README.md.
import { posix } from 'node:path'
import { anchorsOf, documents, linksOf, textOf } from './documents.ts'
import { assert, describe } from './spec.ts'

/** Question → page with the heading under which the answer is, and words of it. */
const questions: Record<string, [page: string, heading: string, answer: RegExp]> = {
  'How do I see it work?': ['README.md', 'try-it-two-commands', /npm start/],
  'How do I deploy it, and how long does that take?': ['README.md', 'deploy-it', /two to three hours/],
  'What does it cost while nobody calls?': ['platform/README.md', 'what-it-costs-while-idle', /together/],
  'What does a model cost, and which GPU does it need?': ['docs/how-to/add-a-model.md', '', /npm run plan/],
  'How do I add a model?': ['docs/how-to/add-a-model.md', '', /npm run new/],
  'How do I add a tenant?': ['docs/how-to/add-a-tenant.md', '', /apps\/tenants/],
  'Who may call, and how much?': ['docs/how-to/add-a-tenant.md', '', /limits/],
  'How do I make a key?': ['docs/how-to/keys.md', 'make-one', /npm run -s key/],
  'How do I rotate a key?': ['docs/how-to/keys.md', 'rotate-it', /--rotate/],
  'How do I add a cluster?': ['docs/how-to/add-a-cluster.md', '', /cluster\.yaml/],
  'How do I add an engine?': ['docs/how-to/add-an-engine.md', '', /index\.ts/],
  'How do I roll back?': ['docs/how-to/roll-back.md', '', /git revert/],
  'How do I upgrade?': ['docs/how-to/upgrade.md', '', /npm run upgrade/],
  'How do I rotate the origin secret?': ['docs/how-to/rotate-the-origin-secret.md', '', /75 minutes/],
  'How do I call it from my program?': ['docs/clients.md', '', /base_url|baseURL/],
  'Which routes are there?': ['docs/reference/routes.md', 'routes', /\/v1\/chat\/completions/],
  'Which fields has a model file?': ['docs/reference/fields.md', 'appsmodelsyaml', /`engine`/],
  'What does this message mean?': ['docs/reference/messages.md', '', /FIELD_VALUE/],
  'Which options has this command?': ['docs/reference/commands.md', 'npm-run-synth', /--check/],
  'A key has leaked: what now?': ['docs/operations/leaked-key.md', '', /--revoke/],
  'An alert fired: what does it mean?': ['docs/alerts/README.md', '', /model-down/],
  'Why was my merge not applied?': ['docs/gitops.md', 'sync-windows', /syncWindows/],
  'Can a model sleep when nobody asks?': ['docs/waking.md', '', /minReplicas/],
  'How are nodes patched?': ['docs/nodes.md', '', /ami/],
  'What is sure about the fit of a model?': ['docs/fit.md', '', /vLLM/],
  'How fast is the gateway?': ['docs/performance.md', 'where-the-gateways-time-goes', /nginx/],
  'Why is it built so?': ['docs/decisions/README.md', '', /Argo CD/],
  'Who trusts whom, and where do I report a hole?': ['SECURITY.md', 'who-trusts-whom', /tenant/],
  'What does this word mean?': ['ARCHITECTURE.md', 'words', /lane/],
  'What do I run before a pull request?': ['CONTRIBUTING.md', 'before-a-pull-request', /npm run check/],
}

/** Pages by the fewest clicks that lead there. */
function clicks(): Map<string, number> {
  const away = new Map([['README.md', 0]])
  for (const [file, count] of away)
    for (const { path } of linksOf(file, textOf(file)))
      for (const page of [path, posix.join(path, 'README.md')])
        if (documents.includes(page) && !away.has(page)) away.set(page, count + 1)
  return away
}

/** Text below a heading, up to the next one of its level or above; the whole page when none is named. */
function sectionOf(text: string, anchor: string): string {
  if (anchor === '') return text
  const lines = text.split('\n')
  const level = (line: string): number => /^#+(?= )/.exec(line)?.[0].length ?? 9
  const start = lines.findIndex((line) => level(line) < 9 && anchorsOf(line).has(anchor))
  const length = lines.slice(start + 1).findIndex((line) => level(line) <= level(lines[start] ?? ''))
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).join('\n')
}

describe('questions of users', (test) => {
  const away = clicks()
  for (const [question, [page, heading, answer]] of Object.entries(questions))
    test(`${question} is answered within two clicks`, () => {
      assert.ok((away.get(page) ?? 9) <= 2, `${page} is ${away.get(page)} clicks away`)
      if (heading !== '') assert.ok(anchorsOf(textOf(page)).has(heading), `${page} has no #${heading}`)
      assert.match(sectionOf(textOf(page), heading), answer)
    })

  test('are at least twenty', () => assert.ok(Object.keys(questions).length >= 20))
})
