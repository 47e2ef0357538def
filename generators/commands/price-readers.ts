// Reads the price lists that the public publishes: Karpenter's, that of ec2instances.info, that of SkyPilot. Text in, list out.
import { homeRegion, type PriceList } from '../schema/prices.ts'

type Regions = PriceList['regions']

export interface ReadList {
  regions: Regions
  /** Only Karpenter writes it into its file. */
  date?: string
}

/** pkg/providers/pricing/zz_generated.pricing_aws.go: `"us-east-1": {` and then `"g6.xlarge": 0.804800, …`. */
function readKarpenter(text: string): ReadList | undefined {
  const date = /^\/\/ generated at (\d{4}-\d\d-\d\d)T/m.exec(text)?.[1]
  if (date === undefined) return undefined
  const regions: Regions = {}
  let own: Record<string, number> = {}
  for (const [, region, type, price] of text.matchAll(
    /"([a-z]+(?:-[a-z]+)+-\d)": \{|"([a-z][a-z0-9-]*\.[a-z0-9-]+)": ([\d.]+)/g,
  )) {
    if (region !== undefined) {
      own = {}
      regions[region] = own
    } else if (type !== undefined) own[type] = Number(price)
  }
  return { regions, date }
}

interface Ec2Instance {
  instance_type: string
  pricing: Record<string, { linux?: { ondemand?: string } }>
}

/** instances.json: an array of types, each with `pricing.REGION.linux.ondemand`. */
function readEc2Instances(text: string): ReadList | undefined {
  if (!text.trimStart().startsWith('[')) return undefined
  const regions: Regions = {}
  for (const { instance_type: type, pricing } of JSON.parse(text) as Ec2Instance[])
    for (const [region, { linux }] of Object.entries(pricing)) put(regions, region, type, linux?.ondemand)
  return { regions }
}

/** catalogs/v8/aws/vms.csv: one line for each type and zone; the field in quotes is EC2’s own description of the GPUs. */
function readSkyPilot(text: string): ReadList | undefined {
  const [head = '', ...lines] = text.split('\n')
  const columns = head.trim().split(',')
  const [type, price, region] = ['InstanceType', 'Price', 'Region'].map((name) => columns.indexOf(name))
  if (type === -1 || price === -1 || region === -1) return undefined
  const regions: Regions = {}
  for (const line of lines) {
    const cells = line.replace(/"[^"]*"/g, '').split(',')
    put(regions, cells[region ?? 0] ?? '', cells[type ?? 0] ?? '', cells[price ?? 0])
  }
  return { regions }
}

function put(regions: Regions, region: string, type: string, price: string | undefined): void {
  const usd = Number(price)
  if (region === '' || type === '' || !(usd > 0)) return
  regions[region] = { ...regions[region], [type]: usd }
}

export const readPriceList = (text: string): ReadList | undefined =>
  readKarpenter(text) ?? readEc2Instances(text) ?? readSkyPilot(text)

/**
 * Newest first, each with the types and regions that are asked for and that no newer list has. What a list says of a type counts only
 * while its price in the home region is today’s: AWS changes a price everywhere at once (p4 and p5, June 2025).
 */
export function mergePriceLists(
  lists: readonly PriceList[],
  types: readonly string[],
  regions: readonly string[],
): PriceList[] {
  const sorted = [...lists].sort((a, b) => b.date.localeCompare(a.date))
  const today = new Map<string, number>()
  for (const list of sorted)
    for (const [type, usd] of Object.entries(list.regions[homeRegion] ?? {})) if (!today.has(type)) today.set(type, usd)
  const known = new Set<string>()
  return sorted
    .map((list) => ({ ...list, regions: Object.fromEntries(regions.flatMap((region) => keep(list, region))) }))
    .filter((list) => Object.keys(list.regions).length > 0)

  function keep(list: PriceList, region: string): [string, Record<string, number>][] {
    const isCurrent = (type: string): boolean => {
      const home = list.regions[homeRegion]?.[type]
      return home === undefined || home === today.get(type)
    }
    const kept = types.flatMap((type): [string, number][] => {
      const usd = list.regions[region]?.[type]
      if (usd === undefined || !isCurrent(type)) return []
      // Every list keeps its prices of the home region: by them it is compared when a newer one comes.
      if (region !== homeRegion && known.has(`${region} ${type}`)) return []
      known.add(`${region} ${type}`)
      return [[type, usd]]
    })
    return kept.length === 0 ? [] : [[region, Object.fromEntries(kept)]]
  }
}
