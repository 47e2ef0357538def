// The engine's thread: everything that keeps a core busy. onnxruntime blocks the thread it runs on; here nobody else minds.
import { parentPort, workerData } from 'node:worker_threads'
import { ApiError } from '../api-error.ts'
import { Scheduler, type Task } from '../generate/scheduler.ts'
import { type LoadedModel, loadModel } from '../model/load-model.ts'
import { UserMistake } from '../user-mistake.ts'
import type { EngineOptions, FromEngine, Job, JobEvent, ToEngine } from './messages.ts'
import { encodeTask, generateTasks, tokenize } from './tasks.ts'

if (!parentPort) throw new Error('worker.ts runs as a thread')
const port = parentPort
const options = workerData as EngineOptions
const scheduler = new Scheduler(options.mostRunning)
const tasksOf = new Map<number, Task[]>()

const send = (message: FromEngine): void => port.postMessage(message)

function tasksFor(model: LoadedModel, job: Job, report: (event: JobEvent) => void): Task[] {
  switch (job.kind) {
    case 'generate':
      return generateTasks(model, job, report)
    case 'encode':
      return [encodeTask(model, job, report)]
    case 'tokenize':
      report({ event: 'tokenized', result: tokenize(model, job) })
      return []
    case 'detokenize':
      report({ event: 'detokenized', text: model.tokenizer.decode(job.tokens, false) })
      return []
  }
}

function begin(model: LoadedModel, id: number, job: Job): void {
  const report = (event: JobEvent): void => send({ id, event })
  try {
    const tasks = tasksFor(model, job, report).map((task) => forgetting(id, task))
    if (tasks.length > 0) tasksOf.set(id, tasks)
    for (const task of tasks) scheduler.add(task)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    report({ event: 'refused', error: error.data })
  }
}

/** Leaves the list of its job when it is over. */
function forgetting(id: number, task: Task): Task {
  return {
    ...task,
    release() {
      task.release()
      const left = tasksOf.get(id)?.filter((one) => one !== this) ?? []
      if (left.length > 0) tasksOf.set(id, left)
      else tasksOf.delete(id)
    },
  }
}

function abort(id: number): void {
  for (const task of tasksOf.get(id) ?? []) scheduler.remove(task)
  tasksOf.delete(id)
}

/** The thread ends by itself when the step under way is done: ended from outside, onnxruntime takes the process with it. */
function stop(): void {
  for (const id of [...tasksOf.keys()]) abort(id)
  port.close()
}

loadModel(options).then(
  (model) => {
    port.on('message', (message: ToEngine) => {
      if ('stop' in message) stop()
      else if ('abort' in message) abort(message.id)
      else begin(model, message.id, message.job)
    })
    send({ ready: model.info })
  },
  (error: unknown) => {
    const mistake = error instanceof UserMistake
    send({ failed: mistake ? error.message : String((error as Error).stack ?? error), mistake })
    port.close()
  },
)
