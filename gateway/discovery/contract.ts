// Names that the generators write and the gateway reads: generators/schema/contract.ts has them from here, so that the gateway is built
// from its own folder alone.

export const modelAnnotations = {
  model: 'slipway.dev/model',
  modelId: 'slipway.dev/model-id',
  revision: 'slipway.dev/revision',
  aliases: 'slipway.dev/aliases',
  task: 'slipway.dev/task',
  engine: 'slipway.dev/engine',
  api: 'slipway.dev/api',
  tenants: 'slipway.dev/tenants',
  spec: 'slipway.dev/spec',
} as const

/** One sentence for people, in the console; may be absent. */
export const descriptionAnnotation = 'slipway.dev/description'

export const labels = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  partOf: 'app.kubernetes.io/part-of',
} as const
export const partOf = 'slipway'
export const components = { model: 'model-server', tenant: 'tenant', gateway: 'gateway' } as const

const selectorOf = (component: string): string => `${labels.partOf}=${partOf},${labels.component}=${component}`

/** Selector of the model Services; their EndpointSlices carry the same labels. */
export const modelSelector = selectorOf(components.model)
/** Selector of the ConfigMaps that hold one tenant each. */
export const tenantSelector = selectorOf(components.tenant)
/** Selector of the gateway's own EndpointSlices. */
export const gatewaySelector = selectorOf(components.gateway)
export const tenantKey = 'tenant.json'
export const modelsNamespace = 'models'
/** EndpointSlice ports are matched by name. */
export const portName = 'http'

/** Tenant of the smoke tests: no file may have its name. */
export const smokeTenantName = 'slipway-smoke'
/** Service account of git-watch; Argo CD notes it as the user that began a sync. */
export const gitWatchName = 'git-watch'
