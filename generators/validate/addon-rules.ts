// Add-ons in one cluster: the cluster's values merged in, placeholders filled, keys checked against the chart's own.
import { didYouMean } from '../diagnostics/nearest.ts'
import type { Repository } from '../load/repository.ts'
import type { Pointer, SourceFile } from '../load/source-file.ts'
import { type Addon, type AddonFile, addonFileSchema } from '../schema/addon.ts'
import type { Cluster } from '../schema/cluster.ts'
import { collector, collectorValues } from '../schema/collector.ts'
import { chartKeys } from './chart-keys/index.ts'
import { checkSchema } from './check-schema.ts'
import type { Findings } from './findings.ts'
import { mergeValues } from './merge-patch.ts'

type Json = Record<string, unknown>

export interface CheckedAddon {
  addon: Addon
  source: SourceFile
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

export function checkAddons(repository: Repository, findings: Findings): CheckedAddon[] {
  return repository.addons.flatMap(({ name, file }) => {
    const wrong = checkSchema(addonFileSchema, file)
    findings.diagnostics.push(...wrong)
    if (wrong.length > 0) return []
    const addon = { ...(file.value as AddonFile), name }
    const keys = chartKeys(addon.chart, addon.version)
    if (keys === undefined && addon.values !== undefined) {
      findings.add(
        'ADDON_KEYS_UNPROVEN',
        file.position(['version']),
        `the value keys of ${addon.chart} ${addon.version} are not recorded, so its values are not checked`,
        'add its key list to generators/validate/chart-keys',
      )
    } else if (keys !== undefined) checkKeys(addon.values ?? {}, ['values'], '', keys, file, findings)
    return [{ addon, source: file }]
  })
}

/** A recorded path is a leaf, or a free map that ends in `.*`; everything above a recorded path is known too. */
function checkKeys(
  values: Json,
  pointer: Pointer,
  prefix: string,
  keys: ReadonlySet<string>,
  file: SourceFile,
  findings: Findings,
): void {
  let siblings: Set<string> | undefined
  for (const [key, value] of Object.entries(values)) {
    const path = `${prefix}${key}`
    if (keys.has(`${path}.*`)) continue
    const place = [...pointer, key]
    if (keys.has(path)) {
      if (isObject(value)) checkKeys(value, place, `${path}.`, keys, file, findings)
      continue
    }
    siblings ??= new Set(
      [...keys]
        .filter((known) => known.startsWith(prefix))
        .map((known) => known.slice(prefix.length).split('.')[0] ?? ''),
    )
    findings.add(
      'ADDON_VALUE_UNKNOWN',
      file.position(place, 'key'),
      `the chart has no value "${path}"`,
      `${didYouMean(key, siblings)}see the chart's values.yaml`,
    )
  }
}

/** The add-ons that a cluster has, as it has them. */
export function addonsInCluster(
  addons: readonly CheckedAddon[],
  names: ReadonlySet<string>,
  cluster: Cluster,
  source: SourceFile,
  findings: Findings,
): CheckedAddon[] {
  for (const name of Object.keys(cluster.addons)) {
    if (names.has(name)) continue
    findings.add(
      'ADDON_UNKNOWN',
      source.position(['addons', name], 'key'),
      `there is no add-on "${name}"`,
      `${didYouMean(name, names)}add-ons: ${[...names].join(', ')}`,
    )
  }
  checkCollector(names, cluster, source, findings)
  return addons
    .filter(({ addon }) => cluster.addons[addon.name]?.enabled !== false)
    .filter(({ addon }) => addon.name !== collector.addon || cluster.telemetry?.collector !== undefined)
    .map((checked) => ({ source: checked.source, addon: inCluster(checked, cluster, source, findings) }))
}

/** Spans that are sent to a Service which nobody installs are lost without a word. */
function checkCollector(names: ReadonlySet<string>, cluster: Cluster, source: SourceFile, findings: Findings): void {
  if (cluster.telemetry?.collector === undefined) return
  const why = names.has(collector.addon)
    ? cluster.addons[collector.addon]?.enabled === false && 'addons switches it off'
    : `there is no apps/addons/${collector.addon}.yaml`
  if (why === false) return
  findings.add(
    'TELEMETRY_TARGET',
    source.position(['telemetry', 'collector']),
    `it needs the add-on ${collector.addon}, and ${why}`,
    'bring the add-on back, or name a collector of your own in telemetry.otlpEndpoint',
  )
}

function inCluster(
  { addon, source }: CheckedAddon,
  cluster: Cluster,
  clusterSource: SourceFile,
  findings: Findings,
): Addon {
  const own = cluster.addons[addon.name]?.values ?? {}
  const keys = chartKeys(addon.chart, addon.version)
  if (keys !== undefined) checkKeys(own, ['addons', addon.name, 'values'], '', keys, clusterSource, findings)
  const shared = ofCluster(addon, cluster)
  const derived = addon.name === collector.addon ? collectorValues(cluster) : {}
  const merged = mergeValues(mergeValues(shared, derived), own)
  const values = fill(merged, cluster, (pointer, name) => {
    const first = pointer[0]
    const [file, place] =
      first !== undefined && Object.hasOwn(own, first)
        ? [clusterSource, ['addons', addon.name, 'values', ...pointer]]
        : [source, ['values', ...pointer]]
    findings.add(
      'ADDON_PLACEHOLDER_UNKNOWN',
      (file as SourceFile).position(place as Pointer),
      `$(cluster.${name}) is not filled in`,
      `${didYouMean(name, placeholderNames)}known: ${placeholderNames.map((known) => `$(cluster.${known})`).join(', ')}`,
    )
  })
  // A mirror holds the charts by name, as an OCI registry: Argo CD's own form has no scheme.
  return { ...addon, repoURL: cluster.mirrors.charts ?? addon.repoURL, values: values as Json }
}

/** What the cluster file says of AWS, for the controller that makes things there. */
function ofCluster({ chart, values = {} }: Addon, { network: { existing }, tags }: Cluster): Json {
  if (chart !== 'aws-load-balancer-controller') return values
  // A VPC that the platform made is found by its tag; one that is there already is given by id.
  const { vpcTags, ...rest } = values
  return {
    ...rest,
    ...(existing === undefined ? { vpcTags } : { vpcId: existing.vpcId }),
    ...(Object.keys(tags).length > 0 && { defaultTags: tags }),
  }
}

const placeholderNames = ['name', 'region', 'environment', 'account'] as const
const placeholder = /\$\(cluster\.([A-Za-z]+)\)/g

function fill(
  value: unknown,
  cluster: Cluster,
  unknown: (pointer: Pointer, name: string) => void,
  pointer: Pointer = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(placeholder, (whole, name: string) => {
      const known = placeholderNames.find((one) => one === name)
      if (known !== undefined) return cluster[known]
      unknown(pointer, name)
      return whole
    })
  }
  if (Array.isArray(value)) return value.map((item, index) => fill(item, cluster, unknown, [...pointer, index]))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fill(item, cluster, unknown, [...pointer, key])]),
  )
}
