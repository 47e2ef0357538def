// The workflows as they are in their folder, parsed, for the tests about them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const root = join(import.meta.dirname, '../..')
export const folder = join(root, '.github/workflows')

export interface Step {
  id?: string
  if?: string
  uses?: string
  run?: string
  with?: Record<string, unknown>
  env?: Record<string, string>
}

export interface Job {
  if?: string
  needs?: string
  outputs?: Record<string, string>
  name?: string
  permissions?: Record<string, string>
  'timeout-minutes'?: number
  'runs-on'?: unknown
  environment?: string
  strategy?: { matrix?: { cluster?: string; company?: string[]; include?: { image: string }[] } }
  steps: Step[]
}

export interface Workflow {
  name: string
  on: Record<string, unknown>
  permissions: object
  concurrency?: object
  jobs: Record<string, Job>
}

export const files = readdirSync(folder).sort()
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')
export const workflows = files.map((file) => ({
  file,
  text: read(`.github/workflows/${file}`),
  workflow: parse(read(`.github/workflows/${file}`)) as Workflow,
}))
export const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ file, name, job })),
)
export const steps = jobs.flatMap(({ file, job }) => job.steps.map((step) => ({ file, step })))
