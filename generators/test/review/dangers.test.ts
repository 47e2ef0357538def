// Every change that can hurt is flagged with its severity, and no harmless one is.
import { assert, describe } from '../../../test/spec.ts'
import { markdownCard } from '../../review/card/markdown.ts'
import type { Review } from '../../review/review.ts'
import { type Danger, dangers, type Harmless, harmless } from './dangers.ts'
import { type ReviewRepository, reviewOf, withGit } from './review-repository.ts'

/** Reviews one after the other in one repository, which is the rendered fixture again after each. */
function withBase(use: (reviewed: (danger: Harmless) => Review) => void): void {
  withGit((repository) => {
    repository.synth()
    const clean = repository.commit('base')
    use((danger) => {
      try {
        return changed(repository, danger)
      } finally {
        repository.git('reset', '--quiet', '--hard', clean)
        repository.git('clean', '--quiet', '--force', '-d')
      }
    })
  })
}

function changed(repository: ReviewRepository, { base, change }: Pick<Danger, 'base' | 'change'>): Review {
  if (base !== undefined) {
    base(repository)
    repository.synth()
    repository.commit('base of the change')
  }
  change(repository)
  return reviewOf(repository)
}

describe('changes that can hurt', (test) => {
  test('are flagged, each with its severity and a sentence about it', () =>
    withBase((reviewed) => {
      for (const { what, level, rule, says, ...danger } of dangers) {
        const review = reviewed({ what, ...danger })
        const found = review.risks.filter((one) => one.rule === rule)
        assert.equal([...new Set(found.map((one) => one.level))], [level], `${what}: ${JSON.stringify(review.risks)}`)
        assert.match(found[0]?.text ?? '', says)
        assert.not.match(markdownCard(review), /nothing that runs/)
      }
    }))
})

describe('harmless changes', (test) => {
  test('are flagged by nothing', () =>
    withBase((reviewed) => {
      for (const one of harmless) assert.equal(reviewed(one).risks, [], one.what)
    }))
})
