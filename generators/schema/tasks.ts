// What models do: the tasks of ours, and those that people ask for and no engine here does.
import { oneOf } from './fields.ts'

export const tasks = [
  'text-generation',
  'image-text-to-text',
  'feature-extraction',
  'sentence-similarity',
  'text-classification',
] as const

export type Task = (typeof tasks)[number]

/** By the Hub's word. That vLLM's image has no packages for sound is in its documentation on Docker: optional dependencies are left out. */
export const refusedTasks: Readonly<Record<string, string>> = {
  'automatic-speech-recognition':
    'vLLM knows such models, but its image lacks the packages that read sound (vllm[audio]), so it would refuse every file; until there is an image with them, serve speech elsewhere',
}

export const taskField = oneOf(tasks, {
  description: 'What the model does; default: the lock’s pipeline tag.',
  refused: refusedTasks,
})
