// `git-watch`: one small process in each cluster that makes Argo CD look at Git, and heals inside sync windows. It is a program of its
// own in the gateway's image. Settings by environment; it ends with 1 when the API server has refused everything for some minutes.
import { ClusterClient } from '../directory/cluster-client.ts'
import { ArgoApplications } from './applications.ts'
import { driftOf } from './drift.ts'
import { giveUpMs, healEveryMs, lookAtChartsEveryMs, lookEveryMs } from './settings.ts'

const client = ClusterClient.inCluster(process.env, process.env.SERVICE_ACCOUNT_FOLDER)
if (client === undefined) {
  process.stderr.write('git-watch runs in a pod: KUBERNETES_SERVICE_HOST is not set\n')
  process.exit(1)
}
const namespace = process.env.ARGOCD_NAMESPACE ?? 'argocd'
const applications = new ArgoApplications(client, namespace, process.env.ROOT_APPLICATION ?? 'root')

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

/** Names that differed at the last look too: outside a sync window Argo CD has healed them by then. */
let suspects = new Set<string>()

async function heal(): Promise<void> {
  const drifted = (await applications.list()).flatMap((one) => driftOf(one) ?? [])
  for (const drift of drifted.filter(({ name }) => suspects.has(name))) {
    await applications.sync(drift)
    log('info', 'healed what differed from the last sync', { application: drift.name, objects: drift.resources.length })
  }
  suspects = new Set(drifted.map(({ name }) => name))
}

async function lookAtCharts(): Promise<void> {
  for (const { metadata, spec } of await applications.list())
    if (spec.source?.chart !== undefined) await applications.look(metadata.name)
}

const timers = [
  setInterval(() => void attempt('the look at Git', () => applications.look()), lookEveryMs),
  setInterval(() => void attempt('healing', heal), healEveryMs),
  setInterval(() => void attempt('the look at charts', lookAtCharts), lookAtChartsEveryMs),
]
log('info', 'watching', { namespace, lookEverySeconds: lookEveryMs / 1000 })

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    for (const timer of timers) clearInterval(timer)
    void client.close()
  })
