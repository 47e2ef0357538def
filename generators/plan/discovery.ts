// What the gateway reads about models and tenants: annotations and JSON, the same in a cluster and in a local run.

import type { Engine } from '../engines/engine.ts'
import { modelAnnotations } from '../schema/contract.ts'
import type { ModelSettings } from '../schema/model.ts'
import { modelDefaults } from '../schema/model-defaults.ts'
import type { Tenant } from '../schema/tenant.ts'
import type { ColdStart } from './cluster-plan.ts'

export interface Discoverable {
  name: string
  settings: Pick<ModelSettings, 'model' | 'revision' | 'task' | 'aliases' | 'tenants' | 'timeouts'>
  engine: Pick<Engine, 'name' | 'api' | 'hasKvCache'>
  /** Tokens. */
  maxModelLen: number
  scaling: { minReplicas: number; maxReplicas: number }
  cost: { usdPerHour: number }
  /** Absent in a local run, where nothing sleeps. */
  rollout?: { coldStart: ColdStart }
  lock?: { weightBytes: number }
}

/** Facts the gateway needs beyond names; JSON with sorted keys, so that equal facts are equal bytes. */
function spec({ settings, engine, maxModelLen, scaling, cost, rollout, lock }: Discoverable): string {
  const generative = settings.task === 'text-generation' || settings.task === 'image-text-to-text'
  const sleeps = scaling.minReplicas === 0
  return JSON.stringify({
    // Requests of one conversation to the replica that has its prefix in the cache; nothing to gain with one replica.
    affinity: generative && engine.hasKvCache && scaling.maxReplicas > 1 ? 'prefix' : 'none',
    // From it the gateway says how long a client waits that finds the model asleep.
    ...(sleeps && rollout !== undefined ? { coldStart: rollout.coldStart } : {}),
    maxModelLen,
    maxOutput: generative ? maxModelLen : 0,
    minReplicas: scaling.minReplicas,
    pricePerHour: Math.round(cost.usdPerHour * 10000) / 10000,
    timeouts: { firstTokenSeconds: settings.timeouts.firstTokenSeconds ?? modelDefaults.timeouts.firstTokenSeconds },
    ...(sleeps && lock !== undefined ? { weightBytes: lock.weightBytes } : {}),
  })
}

/** Annotations of a model's Service. */
export function discoveryAnnotations(model: Discoverable): Record<string, string> {
  const { name, settings, engine } = model
  const annotations: Record<string, string> = {
    [modelAnnotations.model]: name,
    [modelAnnotations.modelId]: settings.model,
    [modelAnnotations.task]: settings.task,
    [modelAnnotations.engine]: engine.name,
    [modelAnnotations.api]: engine.api,
    [modelAnnotations.spec]: spec(model),
  }
  if (settings.revision !== undefined) annotations[modelAnnotations.revision] = settings.revision
  if (settings.aliases.length > 0) annotations[modelAnnotations.aliases] = JSON.stringify(settings.aliases)
  // Absent means every tenant.
  if (settings.tenants !== undefined) annotations[modelAnnotations.tenants] = JSON.stringify(settings.tenants)
  return annotations
}

/** The value of `tenant.json`; keys in a fixed order. Hashes of API keys only. */
export const tenantJson = ({ name, claims, models, limits, apiKeys, operatorScope, allowFields }: Tenant): string =>
  JSON.stringify({
    name,
    claims: Object.fromEntries(Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(models === undefined ? {} : { models }),
    limits: {
      concurrency: limits.concurrency,
      requestsPerMinute: limits.requestsPerMinute,
      tokensPerMinute: limits.tokensPerMinute,
    },
    apiKeys: (apiKeys ?? []).map(({ id, sha256, expires, tokenBudget }) => ({ id, sha256, expires, tokenBudget })),
    operatorScope,
    allowFields,
  })
