// The wrong turns of docs/operations: each row of the table is what a program says, and what the pages say of names, logs and order is so.
import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { repositoryRoot } from '../fixture.ts'
import { blocksOf } from './page-blocks.ts'
import { copyWithCommits, git, runBlock } from './page-copy.ts'
import { wrongTurns } from './wrong-turns.ts'

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')
const pages = globSync(['docs/{operations,alerts,how-to}/*.md', 'platform/monitoring/alarms/*.md'], {
  cwd: repositoryRoot,
})
const table = read('docs/operations/README.md').split('## Wrong turns')[1] ?? ''
const block = (path: string, part: string): string =>
  blocksOf(read(path)).find(({ text }) => text.includes(part))?.text ?? ''

function inCopy<T>(use: (root: string) => T): T {
  const root = copyWithCommits()
  try {
    return use(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Each renders some times. */
const patient = { timeoutSeconds: 180 }

/** They depend on the version of the AWS CLI, on time and on the network. */
const untried = ['argument operation: Invalid choice', 'ExpiredToken']
/** Programs that a row names. */
const programs = ['aws eks', 'aws logs', 'aws logs tail', 'kubectl']

describe('a wrong turn', (test) => {
  test('is a row of the table, and each row is one', () => {
    const rows = [...table.matchAll(/^\| (.+?) \| .+ \|$/gm)].slice(1).map(([, sees = '']) => sees)
    const words = rows.flatMap((sees) => [...sees.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word))
    const tried = wrongTurns.map(({ says }) => says)
    assert.equal(
      [...new Set(words.filter((word) => ![...untried, ...programs].includes(word)))].sort(),
      [...new Set(tried)].sort(),
    )
  })

  for (const { says, script } of wrongTurns.filter((turn) => turn.in === 'sources'))
    test(
      `says “${says}”: ${script}`,
      () =>
        inCopy((root) => {
          const { status, stderr } = runBlock(root, script)
          assert.is.not(status, 0)
          assert.match(stderr, says)
        }),
      patient,
    )

  test(
    'in blocking: a tenant that a model names is not committed half, and the words of the page say which model',
    () =>
      inCopy((root) => {
        const page = 'docs/operations/block.md'
        const script = block(page, 'git rm').replaceAll('TENANT', 'research')
        const before = git(root, 'rev-parse', 'HEAD')
        const { status, stderr } = runBlock(root, script)
        assert.is.not(status, 0)
        assert.is(git(root, 'rev-parse', 'HEAD'), before)
        const [, code = '', place = ''] = /`([A-Z_]+) apps\/models\/MODEL\.yaml(:\d+:\d+)`/.exec(read(page)) ?? []
        assert.match(stderr, new RegExp(`^${code} apps/models/[\\w-]+\\.yaml${place} `, 'm'))
      }),
    patient,
  )

  test(
    'in revoking: a key that the tenant does not have changes nothing',
    () =>
      inCopy((root) => {
        const script = block('docs/operations/leaked-key.md', '--revoke')
        const { status, stderr } = runBlock(root, script.replaceAll('TENANT KEY', 'research notebooks'))
        assert.is.not(status, 0)
        assert.match(stderr, 'there are: research-notebooks')
        assert.is(git(root, 'status', '--porcelain'), '')
      }),
    patient,
  )

  test(
    'in reverting: a merge commit says so, and goes with what the page says',
    () =>
      inCopy((root) => {
        git(root, 'switch', '--quiet', '--create', 'change')
        runBlock(root, 'sed -i "s/600/599/" apps/tenants/research.yaml && npm run -s synth && git commit -qam change')
        git(root, 'switch', '--quiet', 'main')
        git(root, 'merge', '--quiet', '--no-ff', '--message', 'Merge pull request', 'change')
        const page = read('docs/how-to/roll-back.md')
        const { stderr } = runBlock(root, 'git revert --no-edit HEAD')
        const [, says = '', script = ''] = /`(is a merge[^`]+)`[^`]+`([^`]+)`/.exec(page) ?? []
        assert.match(stderr, says)
        assert.is(runBlock(root, `${script.replace('COMMIT', 'HEAD')} && npm run -s synth -- --check`).status, 0)
        assert.match(readFileSync(join(root, 'apps/tenants/research.yaml'), 'utf8'), 'requestsPerMinute: 600')
      }),
    patient,
  )

  test(
    'in reverting: a conflict in what is rendered is settled as the page says',
    () =>
      inCopy((root) => {
        const change = (tenant: string, from: string, to: string) =>
          runBlock(
            root,
            `sed -i "s/requestsPerMinute: ${from}/requestsPerMinute: ${to}/" apps/tenants/${tenant}.yaml
          npm run -s synth && git commit -qam ${tenant}`,
          )
        assert.is(change('research', '600', '599').status, 0)
        assert.is(change('support', '[0-9]*', '7').status, 0)
        const { status, stderr } = runBlock(root, 'git revert --no-edit HEAD~1')
        assert.is.not(status, 0, 'there is no conflict')
        assert.match(stderr, 'could not revert')
        const script = /`(git checkout HEAD [^`]+)`/.exec(read('docs/how-to/roll-back.md'))?.[1] ?? ''
        // The page’s tree has docs/reference too, which a copy has not.
        const settled = runBlock(root, `${script.replace(' docs/reference', '')} && npm run -s synth -- --check`)
        assert.is(settled.status, 0, settled.stderr)
        assert.is(git(root, 'status', '--porcelain'), '')
        assert.match(readFileSync(join(root, 'apps/tenants/research.yaml'), 'utf8'), 'requestsPerMinute: 600')
        assert.match(readFileSync(join(root, 'apps/tenants/support.yaml'), 'utf8'), 'requestsPerMinute: 7')
      }),
    patient,
  )

  test('in pasting: no block undoes what it did', () => {
    for (const path of pages)
      for (const { text } of blocksOf(read(path))) {
        assert.not(/kubectl cordon/.test(text) && /kubectl uncordon/.test(text), path)
        assert.not(/paused-replicas=/.test(text) && /paused-replicas-$/m.test(text), path)
      }
  })
})

describe('a leaked key', (test) => {
  test(
    'is found by its hash, in the file and below the id that are to be revoked',
    () =>
      inCopy((root) => {
        const made = runBlock(root, 'npm run -s key -- research leaked > key')
        assert.is(made.status, 0, made.stderr)
        const find = block('docs/operations/leaked-key.md', 'openssl')
        const { status, stdout } = runBlock(root, `LEAKED=$(cat key)\n${find}`)
        assert.is(status, 0)
        assert.match(stdout, /apps\/tenants\/research\.yaml-\d+- {2}- id: leaked\n/)
      }),
    patient,
  )
})

describe('a query of the log of pods', (test) => {
  const { filter } = (
    parse(read('apps/addons/aws-for-fluent-bit.yaml')) as { values: { filter: Record<string, string> } }
  ).values
  const own = new Set(
    [...read('gateway/telemetry/access-log.ts').matchAll(/(?:text|number)\('(\w+)'|"(\w+)":/g)].map(
      ([, field, written]) => field ?? written,
    ),
  )
  const queries = pages.flatMap((path) =>
    [...read(path).matchAll(/\/slipway\/CLUSTER\/pods[\s\S]*?(?:--filter-pattern|--query-string) '([^']+)'/g)].map(
      ([, query = '']) => ({ path, query }),
    ),
  )

  test('names fields where the add-on puts them, and such as the gateway writes', () => {
    assert.is(filter.mergeLog, 'On')
    assert.ok(queries.length >= 4)
    for (const { path, query } of queries) {
      const fields = [...query.replaceAll(/"[^"]*"/g, '').matchAll(/\$?\.?\b([a-z]+)\.(\w+)/g)]
      assert.ok(fields.length > 0, path)
      for (const [, first, field] of fields) {
        if (first === 'kubernetes') continue
        assert.is(first, filter.mergeLogKey, `${path}: ${query}`)
        assert.ok(own.has(field), `${path}: ${field}`)
      }
    }
  })

  test('is one that any system’s shell can run, and says how its answer is read', () => {
    for (const path of pages) {
      assert.not.match(read(path), /date -d/, path)
      if (read(path).includes('start-query')) assert.match(read(path), 'get-query-results', path)
    }
  })
})
