// What the scripts of the table share: the gateway's address, the cases by feature, and what came of each as one line of JSON.
import { deepStrictEqual } from 'node:assert'
import { env, exit, stdout } from 'node:process'

export const URL = env.SLIPWAY_URL
export const KEY = env.SLIPWAY_KEY
export const HELLO = [{ role: 'user', content: 'Hello' }]
export const GREETING = 'Hello there.'
/** Arguments that the engine gives every tool, and the fields of its JSON. */
export const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
}
export const paris = { city: 'Paris', degrees: 7 }

const cases = []

/** The case of a feature, which throws when it does not work; `write`: what a program must say for it. */
export const feature = (name, run, write = null) => cases.push({ name, run, write })

export const same = (found, wanted) => deepStrictEqual(found, wanted)

/** What the work throws. */
export async function thrown(work) {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** The texts of an asynchronous list as one. */
export async function joined(parts, textOf = (part) => part) {
  let text = ''
  for await (const part of parts) text += textOf(part) ?? ''
  return text
}

export async function run() {
  const outcome = {}
  for (const { name, run: work, write } of cases) {
    try {
      await work()
      outcome[name] = { write }
    } catch (error) {
      outcome[name] = { error: `${error?.constructor?.name}: ${error?.message}`.slice(0, 500) }
    }
  }
  stdout.write(`${JSON.stringify(outcome)}\n`, () => exit(0))
}
