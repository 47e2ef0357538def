// What a region offers that the platform depends on. Data, no logic; a region that is not here cannot be used.
import type { AcceleratorKind } from './accelerators.ts'

export interface Region {
  /** Zones in which a VPC link of an HTTP API can stand, by id: names differ between accounts. */
  zoneIds: string[]
  /** GPU kinds whose instances are sold there. */
  accelerators: AcceleratorKind[]
}

const zones = (prefix: string, ...numbers: number[]): string[] => numbers.map((number) => `${prefix}-az${number}`)

/**
 * Zones: API Gateway developer guide, “Set up VPC links V2”, availability by region (read 2026-11-26). The load balancer, the VPC
 * origin and the nodes stand in the same zones, so the platform uses no other.
 */
export const regions: Record<string, Region> = {
  'us-east-1': {
    zoneIds: zones('use1', 1, 2, 4, 5, 6),
    accelerators: ['t4', 'a10g', 'l4', 'l40s', 'a100-40gb', 'a100-80gb', 'h100', 'h200'],
  },
}

/** The first zones of a region; empty for an unknown one, which is a diagnostic. */
export const defaultZoneIds = (region: string, count: number): string[] =>
  (regions[region]?.zoneIds ?? []).slice(0, count)
