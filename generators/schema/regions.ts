// What a region offers that the platform depends on. Data, no logic; a region that is not here cannot be used.
import { type AcceleratorKind, acceleratorKinds } from './accelerators.ts'

export interface Region {
  /** Where databases of addresses place it, as AWS names the region; CloudFront judges `edge.geo` by such a database. */
  country: string
  /** Zones in which a VPC link of an HTTP API can be, by id: names differ between accounts. */
  zoneIds: string[]
  /** GPU kinds whose instances were seen for sale there. */
  accelerators: readonly AcceleratorKind[]
}

const zones = (prefix: string, ...numbers: number[]): string[] => numbers.map((number) => `${prefix}-az${number}`)

/**
 * Zones: API Gateway developer guide, “Set up VPC links V2”, availability by region (read 2026-11-26). The load balancer, the
 * VPC origin and the nodes are in the same zones, so the platform uses no other. Regions without VPC links are left out.
 *
 * GPU kinds: those that a list of prices.json asks money for there; without a price, a10g in us-west-1, eu-west-3, ap-east-1 and
 * ap-southeast-1, what stood in catalogs/v8/aws/vms.csv of github.com/skypilot-org/skypilot-catalog @00148f2 (parts read 2026-11-26), and
 * what EC2 answered to github.com/validatedpatterns/rag-llm-gitops/pull/52. It is a record of what was seen, not of all that is sold: add a
 * kind when `aws ec2 describe-instance-type-offerings --region REGION` lists its instances.
 */
export const regions: Record<string, Region> = {
  'us-east-1': { country: 'US', zoneIds: zones('use1', 1, 2, 4, 5, 6), accelerators: acceleratorKinds },
  'us-east-2': {
    country: 'US',
    zoneIds: zones('use2', 1, 2, 3),
    accelerators: ['t4', 'a10g', 'l4', 'l40s', 'rtx-pro-6000', 'a100-40gb', 'h100', 'h200', 'b200'],
  },
  'us-west-1': { country: 'US', zoneIds: zones('usw1', 1, 3), accelerators: ['t4', 'a10g', 'h100', 'h200'] },
  'us-west-2': {
    country: 'US',
    zoneIds: zones('usw2', 1, 2, 3, 4),
    accelerators: ['t4', 'a10g', 'l4', 'l40s', 'a100-40gb', 'a100-80gb', 'h100', 'h200', 'b200', 'b300'],
  },
  'ca-central-1': {
    country: 'CA',
    zoneIds: zones('cac1', 1, 2),
    accelerators: ['t4', 'a10g', 'l4', 'a100-40gb', 'h100'],
  },
  'sa-east-1': { country: 'BR', zoneIds: zones('sae1', 1, 2, 3), accelerators: ['t4', 'a10g', 'l4'] },
  'eu-central-1': {
    country: 'DE',
    zoneIds: zones('euc1', 1, 2, 3),
    accelerators: ['t4', 'a10g', 'l4', 'l40s', 'a100-40gb', 'a100-80gb'],
  },
  'eu-west-1': { country: 'IE', zoneIds: zones('euw1', 1, 2, 3), accelerators: ['t4', 'a10g', 'a100-40gb'] },
  'eu-west-2': {
    country: 'GB',
    zoneIds: zones('euw2', 1, 2, 3),
    accelerators: ['t4', 'a10g', 'l4', 'a100-40gb', 'h100'],
  },
  'eu-west-3': { country: 'FR', zoneIds: zones('euw3', 1, 3), accelerators: ['t4', 'a10g', 'l4'] },
  'eu-north-1': {
    country: 'SE',
    zoneIds: zones('eun1', 1, 2, 3),
    accelerators: ['t4', 'a10g', 'l4', 'l40s', 'a100-40gb', 'h100', 'h200'],
  },
  'eu-south-2': { country: 'ES', zoneIds: zones('eus2', 1, 2, 3), accelerators: ['l4', 'l40s', 'h200'] },
  'me-south-1': { country: 'BH', zoneIds: zones('mes1', 1, 2, 3), accelerators: ['t4'] },
  'ap-east-1': { country: 'HK', zoneIds: zones('ape1', 2, 3), accelerators: ['t4', 'a10g'] },
  'ap-south-1': {
    country: 'IN',
    zoneIds: zones('aps1', 1, 2, 3),
    accelerators: ['t4', 'a10g', 'l4', 'a100-40gb', 'h100', 'h200'],
  },
  'ap-northeast-1': {
    country: 'JP',
    zoneIds: zones('apne1', 1, 2, 4),
    accelerators: ['t4', 'a10g', 'l4', 'l40s', 'a100-40gb', 'a100-80gb', 'h100', 'h200'],
  },
  'ap-northeast-2': {
    country: 'KR',
    zoneIds: zones('apne2', 1, 2, 3),
    accelerators: ['t4', 'a10g', 'l4', 'l40s', 'a100-40gb', 'h100', 'h200'],
  },
  'ap-southeast-1': { country: 'SG', zoneIds: zones('apse1', 1, 2, 3), accelerators: ['t4', 'a10g', 'a100-80gb'] },
  'ap-southeast-2': {
    country: 'AU',
    zoneIds: zones('apse2', 1, 2, 3),
    accelerators: ['t4', 'a10g', 'l4', 'a100-40gb', 'h100'],
  },
}

/** The first zones of a region; fewer, or none, where it has fewer: a diagnostic says so. */
export const defaultZoneIds = (region: string, count: number): string[] =>
  (regions[region]?.zoneIds ?? []).slice(0, count)
