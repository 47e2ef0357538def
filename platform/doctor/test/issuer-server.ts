// An issuer of tokens on this machine, over TLS with a certificate of its own: its discovery document and its keys.
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class IssuerServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'slipway-issuer-'))
  /** For NODE_EXTRA_CA_CERTS. */
  readonly certificate = join(this.#folder, 'certificate.pem')
  readonly #server: Server
  url = ''

  /** @param kind of the keys: RSA, or elliptic curves, which the HTTP API does not take */
  constructor(kind: 'rsa' | 'ec' = 'rsa') {
    const key = join(this.#folder, 'key.pem')
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const args = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-keyout',
      key,
      '-out',
      this.certificate,
    ]
    execFileSync('openssl', [...args, ...names], { stdio: 'pipe' })
    const { publicKey } =
      kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const documents: Record<string, () => object> = {
      '/.well-known/openid-configuration': () => ({ issuer: this.url, jwks_uri: `${this.url}/.well-known/jwks.json` }),
      '/.well-known/jwks.json': () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', kid: '1' }] }),
    }
    this.#server = createServer(
      { key: readFileSync(key), cert: readFileSync(this.certificate) },
      (request, response) => {
        const document = documents[request.url ?? '']
        response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(document?.() ?? {}))
      },
    )
  }

  async start(): Promise<void> {
    this.#server.listen(0, 'localhost')
    await once(this.#server, 'listening')
    this.url = `https://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
