// Outputs of a step: into the file that GitHub names, and on standard output for people who run the task by hand.
import { appendFileSync } from 'node:fs'
import type { Output } from '../../generators/command-line/command.ts'

/** Values hold no line break. */
export function writeOutputs(outputs: Readonly<Record<string, string>>, output: Output): void {
  const text = Object.entries(outputs)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
  const file = process.env.GITHUB_OUTPUT
  if (file !== undefined && file !== '') appendFileSync(file, text)
  output.out(text)
}
