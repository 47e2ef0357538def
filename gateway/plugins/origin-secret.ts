// Only CloudFront may reach the gateway: it sends a secret. While that is rotated two values are valid, and files are read again,
// since Kubernetes brings a new value into a mounted Secret and never into an environment.
import { hash, timingSafeEqual } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { ApiError } from '../api-error.ts'
import type { Config } from '../config.ts'
import { originHeader } from '../security-headers.ts'

const rereadMs = 2000

const digest = (text: string): Buffer => hash('sha256', text, 'buffer')

/**
 * Refuses requests without one of the values; when neither a value nor a folder is set, or ORIGIN_CHECK is off, nobody.
 * @param onMounted is given the values of the folder whenever they are others
 */
export async function addOriginSecret(
  app: FastifyInstance,
  config: Config,
  logger: Logger,
  onMounted: (values: readonly string[]) => void = () => {},
): Promise<void> {
  const { ORIGIN_SECRET, ORIGIN_SECRET_PREVIOUS, ORIGIN_SECRET_FOLDER: folder } = config
  const fixed = [ORIGIN_SECRET, ORIGIN_SECRET_PREVIOUS].filter((secret) => secret !== '').map(digest)
  if (fixed.length === 0 && folder === '') return
  const mounted = folder === '' ? undefined : new MountedValues(folder, logger, onMounted)
  await mounted?.read()
  const timer = setInterval(() => void mounted?.read(), rereadMs).unref()
  app.addHook('onClose', async () => clearInterval(timer))
  if (!config.ORIGIN_CHECK) return
  app.addHook('onRequest', (request, _reply, done) => {
    const given = request.raw.headers[originHeader]
    const sent = digest(typeof given === 'string' ? given : '')
    // Digests have one length, so that the comparison shows nothing about the secret's.
    const isRight = [...fixed, ...(mounted?.digests ?? [])]
      .map((secret) => timingSafeEqual(secret, sent))
      .includes(true)
    if (isRight) done()
    else
      done(
        new ApiError({ status: 403, code: 'forbidden', message: 'Use the public address.', reason: 'origin_secret' }),
      )
  })
}

/** The values of a folder, one in each file. What was read last is valid until something else can be read: without values nobody gets in. */
class MountedValues {
  readonly #folder: string
  readonly #logger: Logger
  readonly #onChange: (values: readonly string[]) => void
  #problem: string | undefined
  digests: readonly Buffer[] = []

  constructor(folder: string, logger: Logger, onChange: (values: readonly string[]) => void) {
    this.#folder = folder
    this.#logger = logger
    this.#onChange = onChange
  }

  async read(): Promise<void> {
    try {
      // Kubernetes keeps its own links beside the files: `..data`.
      const names = (await readdir(this.#folder)).filter((name) => !name.startsWith('.')).sort()
      const texts = await Promise.all(names.map((name) => readFile(join(this.#folder, name), 'utf8')))
      const values = texts.map((text) => text.trim()).filter((text) => text !== '')
      const digests = values.map(digest)
      if (digests.length === 0) throw new Error('no file has a value')
      const isSame = Buffer.concat(digests).equals(Buffer.concat([...this.digests]))
      this.digests = digests
      this.#problem = undefined
      if (!isSame) {
        this.#logger.info({ event: 'origin_secret_read', values: digests.length })
        this.#onChange(values)
      }
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#problem) this.#logger.error({ event: 'origin_secret_unread', problem: message })
      this.#problem = message
    }
  }
}
