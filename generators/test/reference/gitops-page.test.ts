// docs/gitops.md and docs/how-to/roll-back.md: their numbers are those that run, and so are the options of a sync by hand.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { healEveryMs, lookEveryMs, looksBeforeHealing } from '../../../gateway/git-watch/settings.ts'
import { argoValues } from '../../../platform/kubernetes/plan-argocd.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import { modelApplication } from '../../render/argocd/applications.ts'
import { syncRetry } from '../../schema/contract.ts'
import { repositoryRoot } from '../fixture.ts'

const page = readFileSync(join(repositoryRoot, 'docs/gitops.md'), 'utf8')
const rollBack = readFileSync(join(repositoryRoot, 'docs/how-to/roll-back.md'), 'utf8')
const [plan] = planRepository(sampleRoot, everything).plans

describe('docs/gitops.md', (test) => {
  test('says how often Argo CD looks, with and without git-watch', () => {
    assert.match(page, `a look at Git every ${lookEveryMs / 1000} seconds`)
    assert.ok(plan)
    const { configs } = argoValues(plan.cluster) as { configs: { cm: Record<string, string> } }
    const polling = Number.parseInt(configs.cm['timeout.reconciliation'] ?? '', 10)
    assert.match(page, `for itself every ${polling / 60} minutes`)
    // A look may come just before the drift, and the next ones must agree.
    assert.match(page, 'within about two minutes')
    assert.ok(healEveryMs * looksBeforeHealing <= 120_000)
  })

  test('says how long a failed sync is retried', () => {
    const { duration, maxDuration } = syncRetry.backoff
    const [first, most] = [duration, maxDuration].map((text) => Number.parseInt(text, 10))
    assert.match(page, new RegExp(`after ${first} s, then twice as long each time up to ${most} minutes, for a\\s+day`))
    assert.is(syncRetry.backoff.factor, 2)
    assert.is((syncRetry.limit * (most ?? 0)) / 60, 24)
  })

  test('shows a sync by hand that has the options of the Application itself, and prunes as it does', () => {
    const patch = /--patch '(\{.*\})'/.exec(rollBack)?.[1] ?? ''
    const { sync } = (JSON.parse(patch) as { operation: { sync: { prune: boolean; syncOptions: string[] } } }).operation
    const [model] = plan?.models ?? []
    assert.ok(plan && model)
    const { syncPolicy } = modelApplication(plan, model, 'content').spec
    assert.equal(sync.syncOptions, syncPolicy?.syncOptions)
    assert.is(sync.prune, syncPolicy?.automated?.prune)
    assert.match(rollBack, 'argocd app sync model-MODEL --prune')
  })
})
