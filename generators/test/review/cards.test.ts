// One card for each kind of pull request, compared to the letter; UPDATE_CARDS=1 writes them anew, for a person to read.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { markdownCard } from '../../review/card/markdown.ts'
import { textCard } from '../../review/card/text.ts'
import { isEmpty, type Review } from '../../review/review.ts'
import { reviewOf, withGit } from './review-repository.ts'
import { type Scenario, scenarios } from './scenarios.ts'

const folder = join(import.meta.dirname, 'cards')

const reviewScenario = ({ base, older, change, synth = true }: Scenario): Review =>
  withGit((repository) => {
    base?.(repository)
    repository.synth()
    older?.(repository)
    repository.commit('base')
    change(repository)
    if (synth) repository.synth()
    return reviewOf(repository)
  })

const card = (review: Review): string => (isEmpty(review) ? '' : markdownCard(review))

describe('review cards', (test) => {
  for (const scenario of scenarios) {
    test(`the card of ${scenario.name} is the one that was read`, () => {
      const review = reviewScenario(scenario)
      const path = join(folder, `${scenario.name}.md`)
      if (process.env.UPDATE_CARDS === '1') writeFileSync(path, card(review))
      assert.is(card(review), readFileSync(path, 'utf8'))
      const long = textCard(review)
        .split('\n')
        .filter((line) => line.length > 120)
      assert.equal(
        long.filter((line) => !/^ {4}/.test(line)),
        [],
      )
    })
  }

  test('a card never grows beyond its limit, and says what was left out', () => {
    const scenario = scenarios.find(({ name }) => name === 'image-of-all')
    assert.ok(scenario)
    const review = reviewScenario(scenario as Scenario)
    const whole = markdownCard(review, { most: Number.POSITIVE_INFINITY })
    for (const most of [900, 1400]) {
      const cut = markdownCard(review, { most })
      assert.ok(cut.length <= most, `${cut.length} of ${most}`)
      assert.ok(cut.length < whole.length)
      assert.match(cut, /did not fit into a comment; the full card is an artifact/)
    }
    const many = { ...review, models: Array.from({ length: 900 }, () => review.models).flat() }
    assert.ok(markdownCard(many).length <= 65_536)
    assert.match(markdownCard(many), /3560 more, which cost less/)
  })

  test('every card in the folder belongs to a scenario', () => {
    assert.equal(readdirSync(folder).sort(), scenarios.map(({ name }) => `${name}.md`).sort())
  })
})
