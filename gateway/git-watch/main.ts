// `git-watch`: one small process in each cluster that makes Argo CD look at Git, and heals inside sync windows. It is a program of its
// own in the gateway's image. Settings by environment; it ends with 1 when the API server has refused everything for some minutes.
import { ClusterClient } from '../discovery/cluster-client.ts'
import { ArgoApplications } from './applications.ts'
import { Healer } from './healer.ts'
import { giveUpMs, healEveryMs, lookAtChartsEveryMs, lookEveryMs } from './settings.ts'

const client = ClusterClient.inCluster(process.env, process.env.SERVICE_ACCOUNT_FOLDER)
if (client === undefined) {
  process.stderr.write('git-watch runs in a pod: KUBERNETES_SERVICE_HOST is not set\n')
  process.exit(1)
}
const namespace = process.env.ARGOCD_NAMESPACE ?? 'argocd'
const applications = new ArgoApplications(client, namespace, process.env.ROOT_APPLICATION ?? 'root')
const healer = new Healer()

const log = (level: 'info' | 'error', message: string, fields: object = {}): void => {
  process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...fields })}\n`)
}

let lastGood = performance.now()

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    lastGood = performance.now()
  } catch (error) {
    log('error', `${what} failed`, { error: error instanceof Error ? error.message : String(error) })
    if (performance.now() - lastGood > giveUpMs) process.exit(1)
  }
}

/** One that cannot be healed keeps none of the others waiting. */
async function heal(): Promise<void> {
  for (const drift of healer.due(await applications.list(), performance.now()))
    await attempt(`healing ${drift.name}`, async () => {
      await applications.sync(drift)
      log('info', 'syncs what differs from the last sync', { application: drift.name, objects: drift.resources.length })
    })
}

async function lookAtCharts(): Promise<void> {
  for (const { metadata, spec } of await applications.list())
    if (spec.source?.chart !== undefined)
      await attempt(`the look of ${metadata.name}`, () => applications.look(metadata.name))
}

/** The next round begins when this one is over and the pause after it. */
function every(pauseMs: number, what: string, work: () => Promise<void>): { stop(): void } {
  let timer: NodeJS.Timeout
  const round = (): void => {
    timer = setTimeout(() => void attempt(what, work).then(round), pauseMs)
  }
  round()
  return { stop: () => clearTimeout(timer) }
}

const rounds = [
  every(lookEveryMs, 'the look at Git', () => applications.look()),
  every(healEveryMs, 'healing', heal),
  every(lookAtChartsEveryMs, 'the look at charts', lookAtCharts),
]
log('info', 'watching', { namespace, lookEverySeconds: lookEveryMs / 1000 })

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    for (const round of rounds) round.stop()
    void client.close().then(() => process.exit(0))
  })
