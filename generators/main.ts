// Entry of the command line: `node generators/main.ts COMMAND …`. Only dispatches.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import type { Command } from './command-line/command.ts'

// Stripping types and compiling the libraries costs 0.2 s; Node keeps the result here. Safe to delete at any time.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/slipway'))

const commands: Record<string, () => Promise<Command>> = {
  synth: async () => (await import('./commands/synth.ts')).synth,
  explain: async () => (await import('./commands/explain.ts')).explain,
  plan: async () => (await import('./commands/plan.ts')).plan,
  lock: async () => (await import('./commands/lock.ts')).lock,
  key: async () => (await import('./commands/key.ts')).key,
  init: async () => (await import('./commands/init.ts')).init,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  upgrade: async () => (await import('./commands/upgrade.ts')).upgrade,
  new: async () => (await import('./commands/new.ts')).newModel,
  review: async () => (await import('./commands/review.ts')).review,
  prices: async () => (await import('./commands/prices.ts')).prices,
  fit: async () => (await import('./commands/fit.ts')).fit,
  whatif: async () => (await import('./commands/whatif.ts')).whatif,
}

const { runProgram } = await import('./command-line/run-program.ts')
await runProgram(commands)
