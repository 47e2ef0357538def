// The Hub's words for what a model does, as tasks of ours.
import { type Task, tasks } from './tasks.ts'

/** Rerankers are classifiers with one class; undefined: no task of ours. */
export function taskOfTag(tag: string | undefined): Task | undefined {
  const name = tag === 'text-ranking' ? 'text-classification' : tag
  return tasks.find((task) => task === name)
}
