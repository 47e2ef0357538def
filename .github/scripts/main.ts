// `npm run workflow -- TASK`: what workflows do beyond the other npm scripts; each can be run by hand.
import type { Command } from '../../generators/command-line/command.ts'
import { runProgram } from '../../generators/command-line/run-program.ts'

const tasks: Record<string, () => Promise<Command>> = {
  audit: async () => (await import('./audit.ts')).audit,
  'comment-review': async () => (await import('./comment-review.ts')).commentReview,
  'list-clusters': async () => (await import('./list-clusters.ts')).listClustersTask,
  'name-image': async () => (await import('./name-image.ts')).nameImage,
  'prepare-cluster': async () => (await import('./prepare-cluster.ts')).prepareCluster,
  'push-render': async () => (await import('./push-render.ts')).pushRender,
  'record-digest': async () => (await import('./record-digest.ts')).recordDigest,
  'render-changed': async () => (await import('./render-changed.ts')).renderChanged,
  'report-drift': async () => (await import('./report-drift.ts')).reportDrift,
  'sign-image': async () => (await import('./sign-image.ts')).signImage,
  'write-digests': async () => (await import('./write-digests.ts')).writeDigests,
}

await runProgram(tasks)
