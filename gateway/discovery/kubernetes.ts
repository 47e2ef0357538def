// The directory of a cluster: models from Services and their EndpointSlices, tenants from ConfigMaps, and how many
// pods the gateway itself has; all by watching.
import { startOf } from '../waking/model-start.ts'
import type { ClusterClient } from './cluster-client.ts'
import { gatewaySelector, labels, modelSelector, modelsNamespace, tenantKey, tenantSelector } from './contract.ts'
import {
  type Directory,
  emptySnapshot,
  type ModelEntry,
  type Problem,
  type Snapshot,
  type Tenant,
} from './directory.ts'
import { countReady, mergeSlices, serviceNameLabel } from './endpoint-slices.ts'
import type { ConfigMap, EndpointSlice, KubeEvent, KubeObject, Pod, Service } from './kube-types.ts'
import { defaultTimes, ListWatch, type ListWatchTimes } from './list-watch.ts'
import { EntryError, parseModel, parseTenant } from './parse-entry.ts'
import { buildSnapshot, type Sourced } from './snapshot.ts'

/** Events come in bursts; one new table for each burst is enough. */
const settleMs = 20

export interface KubernetesOptions {
  client: ClusterClient
  /** The gateway's own. */
  namespace: string
  times?: ListWatchTimes
}

export class KubernetesDirectory implements Directory {
  snapshot: Snapshot = emptySnapshot
  ready = false
  readonly #client: ClusterClient
  readonly #services: ListWatch<Service>
  readonly #slices: ListWatch<EndpointSlice>
  readonly #tenants: ListWatch<ConfigMap>
  readonly #gateways: ListWatch<EndpointSlice>
  /** For the progress of models that start; watched as soon as there is a model that may sleep. Without them everything is served. */
  readonly #pods: ListWatch<Pod>
  readonly #events: ListWatch<KubeEvent>
  readonly #listeners: ((snapshot: Snapshot) => void)[] = []
  /** The last good version of each tenant, by ConfigMap and version: a mistake must not lock a tenant out. */
  readonly #goodTenants = new Map<string, { version: string; tenant: Tenant }>()
  #watchesPods = false
  #timer: NodeJS.Timeout | undefined

  constructor({ client, namespace, times = defaultTimes }: KubernetesOptions) {
    this.#client = client
    const changed = () => {
      this.#timer ??= setTimeout(() => this.#rebuild(), settleMs)
    }
    const core = '/api/v1/namespaces'
    const discovery = '/apis/discovery.k8s.io/v1/namespaces'
    this.#services = new ListWatch(client, `${core}/${modelsNamespace}/services`, modelSelector, changed, times)
    this.#slices = new ListWatch(
      client,
      `${discovery}/${modelsNamespace}/endpointslices`,
      modelSelector,
      changed,
      times,
    )
    this.#tenants = new ListWatch(client, `${core}/${namespace}/configmaps`, tenantSelector, changed, times)
    this.#gateways = new ListWatch(client, `${discovery}/${namespace}/endpointslices`, gatewaySelector, changed, times)
    this.#pods = new ListWatch(client, `${core}/${modelsNamespace}/pods`, modelSelector, changed, times)
    this.#events = new ListWatch(client, `${core}/${modelsNamespace}/events`, '', changed, times)
  }

  staleSeconds(): number {
    const failing = this.#watches.filter((one) => one.failing)
    const oldest = Math.min(...failing.map(({ heardAt }) => heardAt))
    return failing.length === 0 ? 0 : (performance.now() - oldest) / 1000
  }

  onChange(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.push(listener)
  }

  start(): void {
    for (const one of this.#watches) one.start()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    for (const one of [...this.#watches, this.#pods, this.#events]) one.stop()
    await this.#client.close()
  }

  get #watches(): ListWatch<KubeObject>[] {
    return [this.#services, this.#slices, this.#tenants, this.#gateways] as ListWatch<KubeObject>[]
  }

  #rebuild(): void {
    this.#timer = undefined
    if (!this.#watches.every(({ listed }) => listed)) return
    const problems: Problem[] = []
    const models = this.#readModels(problems)
    if (!this.#watchesPods && models.some(({ entry }) => entry.spec.minReplicas === 0)) this.#watchPods()
    const tenants = this.#readTenants(problems)
    this.snapshot = buildSnapshot(models, tenants, countReady([...this.#gateways.objects]), problems)
    this.ready = true
    for (const listener of this.#listeners) listener(this.snapshot)
  }

  #watchPods(): void {
    this.#watchesPods = true
    this.#pods.start()
    this.#events.start()
  }

  #readModels(problems: Problem[]): Sourced<ModelEntry>[] {
    const podsOf = Map.groupBy(this.#pods.objects, ({ metadata }) => metadata.labels?.[labels.name] ?? '')
    const events = [...this.#events.objects]
    const isSeen = this.#pods.listed && !this.#pods.failing
    const slicesOf = Map.groupBy(this.#slices.objects, ({ metadata }) => metadata.labels?.[serviceNameLabel] ?? '')
    // The older Service first: a newcomer that claims its name must not take over.
    const services = [...this.#services.objects].sort(byAge)
    return services.flatMap(({ metadata }) => {
      const object = `Service ${metadata.namespace}/${metadata.name}`
      try {
        const endpoints = mergeSlices(slicesOf.get(metadata.name) ?? [])
        const entry: ModelEntry = {
          ...parseModel(metadata.annotations ?? {}),
          endpoints,
          // Each looks through all events, so only the models that need it are asked.
          ...(endpoints.length === 0 &&
            isSeen && { start: startOf(metadata.name, podsOf.get(metadata.name) ?? [], events) ?? ('none' as const) }),
          created: Math.floor(Date.parse(metadata.creationTimestamp ?? '') / 1000) || 0,
        }
        return [{ object, entry }]
      } catch (error) {
        problems.push({ object, message: messageOf(error) })
        return []
      }
    })
  }

  #readTenants(problems: Problem[]): Sourced<Tenant>[] {
    const maps = [...this.#tenants.objects].sort(byAge)
    const present = new Set(maps.map(({ metadata }) => metadata.name))
    for (const name of this.#goodTenants.keys()) if (!present.has(name)) this.#goodTenants.delete(name)
    return maps.flatMap(({ metadata, data }) => {
      const object = `ConfigMap ${metadata.namespace}/${metadata.name}`
      const good = this.#goodTenants.get(metadata.name)
      const version = metadata.resourceVersion ?? ''
      // The same object as before, so that nothing that is keyed by it is made anew.
      if (good?.version === version) return [{ object, entry: good.tenant }]
      try {
        const tenant = parseTenant(data?.[tenantKey] ?? '')
        this.#goodTenants.set(metadata.name, { version, tenant })
        return [{ object, entry: tenant }]
      } catch (error) {
        problems.push({ object, message: messageOf(error) })
        return good ? [{ object, entry: good.tenant }] : []
      }
    })
  }
}

function byAge({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  const [first, second] = [a, b].map(({ creationTimestamp = '', uid = '' }) => `${creationTimestamp} ${uid}`)
  return (first ?? '') < (second ?? '') ? -1 : 1
}

const messageOf = (error: unknown): string => (error instanceof EntryError ? error.message : 'cannot be read')
