// Which engines could do a task with weights of some architecture, and which task an architecture is made for.
import { taskOfTag } from '../schema/hub-tag.ts'
import type { Task } from '../schema/tasks.ts'
import type { Engine } from './engine.ts'
import { engines } from './index.ts'

export const does = ({ tasks, serves }: Engine, task: Task, architectures: readonly string[]): boolean =>
  tasks.includes(task) && (serves === undefined || architectures.some((one) => serves(task, one)))

export const enginesFor = (task: Task, architectures: readonly string[]): Engine[] =>
  engines.filter((engine) => does(engine, task, architectures))

/**
 * What the Hub says if it is a task of ours, else what the architecture is made for; undefined: neither is anything served here.
 * @param sees it has a vision tower
 */
export function taskOf(tag: string | undefined, architectures: readonly string[], sees = false): Task | undefined {
  const stated = taskOfTag(tag)
  if (stated !== undefined) return stated
  if (architectures.some((one) => one.endsWith('ForSequenceClassification'))) return 'text-classification'
  if (enginesFor('text-generation', architectures).length > 0) return sees ? 'image-text-to-text' : 'text-generation'
  return architectures.some((one) => one.endsWith('Model')) ? 'feature-extraction' : undefined
}
