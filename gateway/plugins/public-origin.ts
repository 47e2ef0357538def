// Scheme and host under which clients reach the gateway.

/** DOMAIN’s default: there is no edge. */
const noDomain = 'localhost'
const hostPattern = /^[\w.:[\]-]{1,255}$/

/** `https://` and the public name; what a client wrote as Host only where there is none. */
export function originOf(domain: string, host: string | undefined): string {
  return domain === noDomain && host !== undefined && hostPattern.test(host) ? `http://${host}` : `https://${domain}`
}
