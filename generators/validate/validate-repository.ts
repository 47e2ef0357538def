// Checks every source file and every rule across files; all problems in one run. What is sound comes out typed.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Repository } from '../load/repository.ts'
import { addonsInCluster, type CheckedAddon, checkAddons } from './addon-rules.ts'
import { type CheckedCluster, checkCluster } from './cluster-rules.ts'
import { Findings } from './findings.ts'
import { checkGateway, checkImages, gatewayInCluster } from './gateway-rules.ts'
import { checkTokens } from './issuer-rules.ts'
import { checkTenantLimits } from './limit-rules.ts'
import { checkModel, modelInCluster } from './model-rules.ts'
import { draftSettings } from './model-settings.ts'
import { checkNames, checkReferences } from './name-rules.ts'
import type { CheckedModel, ValidCluster, ValidRepository } from './repository.ts'
import { checkTenants } from './tenant-rules.ts'

/**
 * `valid` holds what is sound, so that planning can go on and report more about it in the same run; it is undefined when
 * something that every cluster needs is missing. Whether anything may be written is for the diagnostics to say.
 */
export function validateRepository(repository: Repository): {
  valid: ValidRepository | undefined
  diagnostics: Diagnostic[]
} {
  const findings = new Findings()
  const isBroken = (path: string) => repository.broken.has(path)
  const clusterNames = new Set(repository.clusters.map(({ name }) => name))
  const clusters = repository.clusters.flatMap((loaded) => checkCluster(loaded, findings) ?? [])
  const models = repository.models.flatMap((loaded) => checkModel(loaded, repository.bundled, isBroken, findings) ?? [])
  const tenants = checkTenants(repository, namesOf(repository, 'apps/models', repository.models), findings)
  const tenantNames = namesOf(repository, 'apps/tenants', repository.tenants)
  checkTokens(
    clusters.map(({ cluster, source }) => ({ value: cluster, file: source })),
    clusters.length === repository.clusters.length && repository.only.clusters.length === 0,
    tenants.map(({ tenant, source }) => ({ value: tenant, file: source })),
    findings,
  )
  for (const model of models) checkReferences(model, clusterNames, tenantNames, findings)
  checkTenantLimits(
    clusters.map(({ cluster }) => cluster),
    tenants,
    findings,
  )
  const addons = checkAddons(repository, findings)
  const gateway = checkGateway(repository.gateway, clusterNames, findings)
  const images = checkImages(repository.images, findings)
  const context = {
    repository,
    models,
    addons,
    addonNames: namesOf(repository, 'apps/addons', repository.addons),
    findings,
  }
  const gatewaySource = repository.gateway
  const valid = clusters.map((cluster): ValidCluster | undefined => {
    const parts = clusterParts(cluster, context)
    if (gateway === undefined || gatewaySource === undefined) return undefined
    const settings = gatewayInCluster(gateway, cluster.cluster.name, gatewaySource, findings)
    return { ...cluster, ...parts, gateway: { settings, source: gatewaySource } }
  })
  const complete = images !== undefined && repository.images !== undefined
  return {
    valid:
      complete && repository.images
        ? {
            catalogue: models.map(({ loaded, file, lock }) => ({
              name: loaded.name,
              lock,
              settings: draftSettings(file, undefined, lock),
            })),
            clusters: valid.filter((cluster) => cluster !== undefined),
            tenants,
            images: { images, source: repository.images },
          }
        : undefined,
    diagnostics: findings.diagnostics,
  }
}

/** Also names of files that could not be read: a file that refers to one makes no mistake. */
function namesOf(repository: Repository, folder: string, read: readonly { name: string }[]): Set<string> {
  const broken = [...repository.broken].filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.yaml'))
  return new Set([
    ...read.map(({ name }) => name),
    ...broken.map((path) => path.slice(folder.length + 1, -'.yaml'.length)),
  ])
}

interface Context {
  repository: Repository
  models: readonly CheckedModel[]
  addons: readonly CheckedAddon[]
  addonNames: ReadonlySet<string>
  findings: Findings
}

function clusterParts(checkedCluster: CheckedCluster, { models, addons, addonNames, findings }: Context) {
  const { cluster, source } = checkedCluster
  const checked = new Map(models.map((model) => [model.loaded.name, model]))
  const own = models
    .filter(({ file }) => Object.hasOwn(file.clusters, cluster.name))
    .flatMap((model) => modelInCluster(model, checkedCluster, findings) ?? [])
  checkNames(cluster.name, own, checked, findings)
  return { models: own, addons: addonsInCluster(addons, addonNames, cluster, source, findings) }
}
