// Which models are served: the bundled ones, those asked for by name, and directories. Mistakes are reported before anything starts.
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UsageError } from '../generators/command-line/command.ts'
import { nearest } from '../generators/diagnostics/nearest.ts'
import type { MachineModel, MachinePlan } from '../generators/plan/plan-machine.ts'
import type { Options } from './options.ts'

export interface Choice {
  name: string
  /** Arguments of the model server that say which weights it loads. */
  from: readonly string[]
  /** A download may come first. */
  fetches: boolean
  /** Absent: a directory, of which nothing is known before it is loaded. */
  planned?: MachineModel
}

const longestName = 40

/** @throws UsageError */
export function chooseModels(machine: MachinePlan, { root, models, directories }: Options): Choice[] {
  const asked = new Set(models.map((name) => findModel(machine, name)))
  const planned = machine.models.flatMap((model): Choice[] => {
    const { name, weights, maxModelLen } = model
    if (weights === undefined) return []
    const length = `--max-model-len=${maxModelLen}`
    if ('folder' in weights)
      return [{ name, from: [`--model-dir=${join(root, weights.folder)}`, length], fetches: false, planned: model }]
    if (!asked.has(model)) return []
    const revision = weights.revision === undefined ? [] : [`--revision=${weights.revision}`]
    return [{ name, from: [`--model=${weights.id}`, ...revision, length], fetches: true, planned: model }]
  })
  const choices = [...planned]
  for (const path of directories) choices.push(fromDirectory(path, machine, choices))
  return choices
}

function findModel({ models }: MachinePlan, wanted: string): MachineModel {
  const found = models.find(({ name, id, aliases }) => [name, id, ...aliases].includes(wanted))
  if (found?.weights !== undefined) return found
  if (found !== undefined) throw new UsageError(`--model ${wanted}: ${found.reason}`)
  const names = models.map(({ name }) => name)
  const near = nearest(wanted, names)
  const here = models.filter(({ weights }) => weights !== undefined).map(({ name }) => name)
  throw new UsageError(
    `--model ${wanted}: there is no apps/models/${wanted}.yaml; ${near === undefined ? '' : `did you mean ${near}? `}models that can run here: ${here.join(', ')}`,
  )
}

function fromDirectory(path: string, { models }: MachinePlan, others: readonly Choice[]): Choice {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--model-dir ${path}: no such directory`)
  const name = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longestName)
    .replace(/^-+|-+$/g, '')
  if (name === '') throw new UsageError(`--model-dir ${path}: the folder’s name becomes the model’s name; give it one`)
  if (models.some((model) => [model.name, ...model.aliases].includes(name)))
    throw new UsageError(`--model-dir ${path}: ${name} is a model of apps/models; give the folder another name`)
  if (others.some((other) => other.name === name))
    throw new UsageError(`--model-dir ${path}: another directory is also called ${name}; rename one`)
  return { name, from: [`--model-dir=${path}`], fetches: false }
}
