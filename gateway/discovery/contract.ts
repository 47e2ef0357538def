// Names that the generators write and the gateway reads. A test compares them with generators/schema/contract.ts.

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

/** May be absent. */
export const descriptionAnnotation = 'slipway.dev/description'

/** Selector of the model Services; their EndpointSlices carry the same labels. */
export const modelSelector = 'app.kubernetes.io/part-of=slipway,app.kubernetes.io/component=model-server'
/** Selector of the ConfigMaps that hold one tenant each. */
export const tenantSelector = 'app.kubernetes.io/part-of=slipway,app.kubernetes.io/component=tenant'
/** Selector of the gateway's own EndpointSlices. */
export const gatewaySelector = 'app.kubernetes.io/part-of=slipway,app.kubernetes.io/component=gateway'
/** Label of a model's pods that has its name. */
export const nameLabel = 'app.kubernetes.io/name'
export const tenantKey = 'tenant.json'
export const modelsNamespace = 'models'
/** EndpointSlice ports are matched by name. */
export const portName = 'http'
