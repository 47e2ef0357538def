// Which tenant a verified token belongs to.
import type { Tenant } from '../discovery/directory.ts'
import { AuthError } from './auth-error.ts'

type Claims = Readonly<Record<string, unknown>>

/** The one tenant whose claims all match. None or several are refused: a guess would charge the wrong one. */
export function tenantOf(claims: Claims, tenants: readonly Tenant[]): Tenant {
  const [tenant, another] = tenants.filter((candidate) => belongsTo(claims, candidate))
  if (!tenant) throw new AuthError('no_tenant')
  if (another) throw new AuthError('several_tenants')
  return tenant
}

/** A tenant without claims has API keys only; it must not own every token. */
export function belongsTo(claims: Claims, tenant: Pick<Tenant, 'claims'>): boolean {
  const wanted = Object.entries(tenant.claims)
  return wanted.length > 0 && wanted.every(([name, accepted]) => fits(claims[name], accepted))
}

/** A list of accepted values means one of them; a list in the token means that any of its values may match. */
function fits(value: unknown, accepted: string | readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((element) => !Array.isArray(element) && fits(element, accepted))
  return typeof accepted === 'string' ? value === accepted : accepted.some((one) => value === one)
}
