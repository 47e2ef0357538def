// The EC2 instances that Karpenter may start: those of each GPU kind, and those for pods without a GPU. Data, no logic.
import type { AcceleratorKind } from './accelerators.ts'

export interface Instance {
  type: string
  gpus: number
  vcpus: number
  memoryGib: number
  /** Local NVMe, GB; Karpenter makes a RAID0 of it that holds pods’ ephemeral storage. */
  localDiskGb: number
  /** Pods whose addresses its network interfaces have room for: the kubelet reserves memory for each. */
  maxPods: number
}

const instance = (
  type: string,
  gpus: number,
  vcpus: number,
  memoryGib: number,
  localDiskGb: number,
  maxPods: number,
): Instance => ({ type, gpus, vcpus, memoryGib, localDiskGb, maxPods })

/**
 * Shapes: instance-types reference of github.com/aws/karpenter-provider-aws v1.14.1 (2026-08-21), which Karpenter’s own code wrote from
 * EC2’s answer to DescribeInstanceTypes; a test of plan/node.ts holds some of its allocatable figures. Every size of a family is here that a
 * GPU pod can get; smallest first.
 *
 * Left out, because a GPU pod would wait for them in vain (pinned Karpenter 1.15.1):
 * - g6f, gr6f (a fraction of an L4): EC2 says `Count: 0`, and `nvidiaGPUs()` in pkg/providers/instancetype/types.go counts nothing else,
 *   so they offer no nvidia.com/gpu (issues 8324, 8368; pull requests 8913 and 9322 that read `LogicalGpuCount` were closed). The
 *   NodeOverlay that Karpenter’s documentation shows is behind an alpha gate that is off, and the AL2023 image lacks their GRID driver.
 * - p5.4xlarge (one H100): called unsupported in issue 8368, which is open. EC2 counts its GPU since 2025-09 (the reference lists
 *   `nvidia.com/gpu: 1`), but has no spot market for it in any US region (catalogue of prices.json): there it is sold in Capacity Blocks,
 *   which the node pools do not use.
 * - p5e: has no on-demand price in any region, and Karpenter makes no on-demand offering without one (`hasPrice` in
 *   pkg/providers/instancetype/offering/base_resolver.go).
 * - p2, p3, g3: older than compute capability 7.5, which the engines’ images begin with; g5g is Arm; sizes called metal.
 */
export const gpuInstances: Record<AcceleratorKind, Instance[]> = {
  t4: [
    instance('g4dn.xlarge', 1, 4, 16, 125, 29),
    instance('g4dn.2xlarge', 1, 8, 32, 225, 29),
    instance('g4dn.4xlarge', 1, 16, 64, 225, 29),
    instance('g4dn.8xlarge', 1, 32, 128, 900, 58),
    instance('g4dn.16xlarge', 1, 64, 256, 900, 58),
    instance('g4dn.12xlarge', 4, 48, 192, 900, 234),
  ],
  a10g: [
    instance('g5.xlarge', 1, 4, 16, 250, 58),
    instance('g5.2xlarge', 1, 8, 32, 450, 58),
    instance('g5.4xlarge', 1, 16, 64, 600, 234),
    instance('g5.8xlarge', 1, 32, 128, 900, 234),
    instance('g5.16xlarge', 1, 64, 256, 1900, 234),
    instance('g5.12xlarge', 4, 48, 192, 3800, 737),
    instance('g5.24xlarge', 4, 96, 384, 3800, 737),
    instance('g5.48xlarge', 8, 192, 768, 7600, 345),
  ],
  l4: [
    instance('g6.xlarge', 1, 4, 16, 250, 58),
    instance('g6.2xlarge', 1, 8, 32, 450, 58),
    instance('g6.4xlarge', 1, 16, 64, 600, 234),
    instance('gr6.4xlarge', 1, 16, 128, 600, 234),
    instance('g6.8xlarge', 1, 32, 128, 900, 234),
    instance('gr6.8xlarge', 1, 32, 256, 900, 234),
    instance('g6.16xlarge', 1, 64, 256, 1880, 737),
    instance('g6.12xlarge', 4, 48, 192, 3760, 234),
    instance('g6.24xlarge', 4, 96, 384, 3760, 737),
    instance('g6.48xlarge', 8, 192, 768, 7520, 737),
  ],
  l40s: [
    instance('g6e.xlarge', 1, 4, 32, 250, 58),
    instance('g6e.2xlarge', 1, 8, 64, 450, 58),
    instance('g6e.4xlarge', 1, 16, 128, 600, 234),
    instance('g6e.8xlarge', 1, 32, 256, 900, 234),
    instance('g6e.16xlarge', 1, 64, 512, 1900, 737),
    instance('g6e.12xlarge', 4, 48, 384, 3800, 292),
    instance('g6e.24xlarge', 4, 96, 768, 3800, 492),
    instance('g6e.48xlarge', 8, 192, 1536, 7600, 492),
  ],
  'rtx-pro-4500': [
    instance('g7.2xlarge', 1, 8, 32, 440, 254),
    instance('g7.4xlarge', 1, 16, 64, 875, 506),
    instance('g7.8xlarge', 1, 32, 128, 930, 632),
    instance('g7.12xlarge', 2, 48, 192, 1900, 758),
    instance('g7.24xlarge', 4, 96, 384, 3800, 1514),
    instance('g7.48xlarge', 8, 192, 768, 7600, 758),
  ],
  'rtx-pro-6000': [
    instance('g7e.2xlarge', 1, 8, 64, 1900, 254),
    instance('g7e.4xlarge', 1, 16, 128, 1900, 506),
    instance('g7e.8xlarge', 1, 32, 256, 1900, 506),
    instance('g7e.12xlarge', 2, 48, 512, 3800, 632),
    instance('g7e.24xlarge', 4, 96, 1024, 7600, 632),
    instance('g7e.48xlarge', 8, 192, 2048, 15200, 632),
  ],
  'a100-40gb': [instance('p4d.24xlarge', 8, 96, 1152, 8000, 737)],
  'a100-80gb': [instance('p4de.24xlarge', 8, 96, 1152, 8000, 737)],
  h100: [instance('p5.48xlarge', 8, 192, 2048, 30400, 100)],
  h200: [instance('p5en.48xlarge', 8, 192, 2048, 30400, 198)],
  b200: [instance('p6-b200.48xlarge', 8, 192, 2048, 30400, 198)],
  b300: [instance('p6-b300.48xlarge', 8, 192, 4096, 30400, 198)],
}

/** Nodes without GPU that Karpenter may start for CPU models and the gateway. */
export const cpuInstances: Instance[] = [instance('m7i.large', 0, 2, 8, 0, 29), instance('m7i.xlarge', 0, 4, 16, 0, 58)]
