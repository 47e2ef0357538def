// Words that schemas of requests and answers are written with.

export const text = { type: 'string' }
export const number = { type: 'number' }
export const integer = { type: 'integer' }
export const flag = { type: 'boolean' }
export const textOrNull = { type: ['string', 'null'] }
export const anything = {}
export const either = (...anyOf: object[]) => ({ anyOf })
export const many = (items: object) => ({ type: 'array', items })

export const object = (properties: Record<string, object>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
})

/** An object whose fields are all there. */
export const full = (properties: Record<string, object>, optional: Record<string, object> = {}) =>
  object({ ...properties, ...optional }, Object.keys(properties))
