// Rules about tenants: their form, what they name, and that no two are taken for each other.
import { didYouMean } from '../diagnostics/nearest.ts'
import type { Repository } from '../load/repository.ts'
import type { SourceFile } from '../load/source-file.ts'
import { smokeTenant } from '../schema/contract.ts'
import { type Tenant, type TenantFile, tenantFileSchema } from '../schema/tenant.ts'
import { checkSchema } from './check-schema.ts'
import type { Findings } from './findings.ts'

export interface CheckedTenant {
  tenant: Tenant
  source: SourceFile
}

export function checkTenants(
  repository: Repository,
  modelNames: ReadonlySet<string>,
  findings: Findings,
): CheckedTenant[] {
  const tenants = checkTenantFiles(repository.tenants, findings)
  // With --only most models were not read, so their absence says nothing.
  if (repository.only.models.length === 0) checkModels(tenants, modelNames, findings)
  return tenants
}

/** Each file, and that no two are taken for each other. */
export function checkTenantFiles(files: Repository['tenants'], findings: Findings): CheckedTenant[] {
  const tenants = files.flatMap(({ name, file }) => {
    const wrong = checkSchema(tenantFileSchema, file)
    findings.diagnostics.push(...wrong)
    if (name === smokeTenant)
      findings.add(
        'NAME_INVALID',
        file.position([]),
        `"${name}" is the name of the smoke tests, which every model lets in`,
        'give the tenant another name',
      )
    return wrong.length > 0 ? [] : [{ tenant: { ...(file.value as TenantFile), name }, source: file }]
  })
  checkClaims(tenants, findings)
  checkKeys(tenants, findings)
  return tenants
}

function checkModels(tenants: readonly CheckedTenant[], modelNames: ReadonlySet<string>, findings: Findings): void {
  for (const { tenant, source } of tenants) {
    for (const [index, model] of (tenant.models ?? []).entries()) {
      if (modelNames.has(model)) continue
      findings.add(
        'TENANT_MODEL_UNKNOWN',
        source.position(['models', index]),
        `there is no model "${model}"`,
        `${didYouMean(model, modelNames)}models are the file names in apps/models`,
      )
    }
  }
}

/** The same claims in another order are the same. */
const claimsKey = ({ claims }: Tenant): string =>
  JSON.stringify(
    Object.entries(claims)
      .map(([name, value]) => [name, [value].flat().toSorted()])
      .sort(),
  )

function checkClaims(tenants: readonly CheckedTenant[], findings: Findings): void {
  const owners = new Map<string, string>()
  for (const { tenant, source } of tenants) {
    const key = claimsKey(tenant)
    const owner = owners.get(key)
    if (owner === undefined) owners.set(key, tenant.name)
    else
      findings.add(
        'TENANT_CLAIMS_TAKEN',
        source.position(['claims']),
        `tenant ${owner} is recognised by the same claims`,
        'give each tenant a claim of its own',
      )
  }
}

function checkKeys(tenants: readonly CheckedTenant[], findings: Findings): void {
  const owners = new Map<string, string>()
  for (const { tenant, source } of tenants) {
    for (const [index, key] of (tenant.apiKeys ?? []).entries()) {
      for (const field of ['id', 'sha256'] as const) {
        const owner = owners.get(`${field} ${key[field]}`)
        if (owner === undefined) owners.set(`${field} ${key[field]}`, `${tenant.name}/${key.id}`)
        else
          findings.add(
            'API_KEY_TAKEN',
            source.position(['apiKeys', index, field]),
            `${owner} has the same ${field}`,
            'make a new key; ids and hashes are unique',
          )
      }
    }
  }
}
