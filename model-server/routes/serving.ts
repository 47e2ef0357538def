// What every route needs: the engine, names, and the few things that come from outside.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { unknownModel } from '../api-error.ts'
import type { Call } from '../engine/call.ts'
import type { Engine } from '../engine/engine.ts'
import type { Job } from '../engine/messages.ts'
import { Fields } from '../request/fields.ts'

export interface Serving {
  engine: Engine
  /** Name that clients send as `model`. */
  servedName: string
  /** Directory or Hub id. */
  root: string
  version: string
  /** Usage in every chunk, whatever the client says. */
  forcesUsage: boolean
  /** Seconds since 1970. */
  now(): number
  newId(): string
}

/** @throws ApiError 404 when another model is asked for, 400 when the body is no object */
export function readBody({ servedName }: Serving, request: FastifyRequest): Fields {
  const fields = new Fields(request.body)
  const model = fields.text('model')
  fields.text('user')
  fields.done()
  if (model !== undefined && model !== '' && model !== servedName) throw unknownModel(model, servedName)
  return fields
}

/** Starts a job that ends with its client: a client that goes away frees the place at once. */
export function startJob({ engine }: Serving, reply: FastifyReply, job: Job, places: number): Call {
  const { call, abort } = engine.start(job, places)
  reply.raw.once('close', abort)
  return call
}

/** vLLM makes the id from the header where there is one. */
export function answerId(serving: Serving, request: FastifyRequest, prefix: string): string {
  const header = request.headers['x-request-id']
  return `${prefix}-${typeof header === 'string' && header !== '' ? header.slice(0, 200) : serving.newId()}`
}
