// GPU kinds with their memory and the instances that carry them, with dated prices. Data, no logic.
// Shapes and prices: github.com/aws/karpenter-provider-aws v1.14.1, instance-types reference and
// pkg/providers/pricing/zz_generated.pricing_aws.go (generated 2026-07-20): us-east-1, Linux, on demand, US dollars an hour.

export const acceleratorKinds = ['t4', 'a10g', 'l4', 'l40s', 'a100-40gb', 'a100-80gb', 'h100', 'h200'] as const

export type AcceleratorKind = (typeof acceleratorKinds)[number]

export interface Instance {
  type: string
  gpus: number
  vcpus: number
  memoryGib: number
  /** Local NVMe, GB; Karpenter makes a RAID0 of it that holds pods’ ephemeral storage. */
  localDiskGb: number
  usdPerHour: number
}

export interface Accelerator {
  name: string
  /** Per GPU, as EC2 reports it. */
  memoryMib: number
  /** CUDA compute capability: chooses images and tells whether FP8 and BF16 are done in hardware. */
  computeCapability: string
  /** Smallest first. */
  instances: Instance[]
}

const instance = (
  type: string,
  gpus: number,
  vcpus: number,
  memoryGib: number,
  localDiskGb: number,
  usdPerHour: number,
): Instance => ({
  type,
  gpus,
  vcpus,
  memoryGib,
  localDiskGb,
  usdPerHour,
})

export const pricesDate = '2026-07-20'
export const pricesRegion = 'us-east-1'

export const accelerators: Record<AcceleratorKind, Accelerator> = {
  t4: {
    name: 'NVIDIA T4',
    memoryMib: 16384,
    computeCapability: '7.5',
    instances: [
      instance('g4dn.xlarge', 1, 4, 16, 125, 0.526),
      instance('g4dn.2xlarge', 1, 8, 32, 225, 0.752),
      instance('g4dn.12xlarge', 4, 48, 192, 900, 3.912),
    ],
  },
  a10g: {
    name: 'NVIDIA A10G',
    memoryMib: 22888,
    computeCapability: '8.6',
    instances: [
      instance('g5.xlarge', 1, 4, 16, 250, 1.006),
      instance('g5.2xlarge', 1, 8, 32, 450, 1.212),
      instance('g5.4xlarge', 1, 16, 64, 600, 1.624),
      instance('g5.12xlarge', 4, 48, 192, 3800, 5.672),
      instance('g5.48xlarge', 8, 192, 768, 7600, 16.288),
    ],
  },
  l4: {
    name: 'NVIDIA L4',
    memoryMib: 22888,
    computeCapability: '8.9',
    instances: [
      instance('g6.xlarge', 1, 4, 16, 250, 0.8048),
      instance('g6.2xlarge', 1, 8, 32, 450, 0.9776),
      instance('g6.4xlarge', 1, 16, 64, 600, 1.3232),
      instance('g6.12xlarge', 4, 48, 192, 3760, 4.6016),
      instance('g6.48xlarge', 8, 192, 768, 7520, 13.3504),
    ],
  },
  l40s: {
    name: 'NVIDIA L40S',
    memoryMib: 45776,
    computeCapability: '8.9',
    instances: [
      instance('g6e.xlarge', 1, 4, 32, 250, 1.861),
      instance('g6e.2xlarge', 1, 8, 64, 450, 2.24208),
      instance('g6e.4xlarge', 1, 16, 128, 600, 3.00424),
      instance('g6e.8xlarge', 1, 32, 256, 900, 4.52856),
      instance('g6e.12xlarge', 4, 48, 384, 3800, 10.49264),
      instance('g6e.48xlarge', 8, 192, 1536, 7600, 30.13118),
    ],
  },
  'a100-40gb': {
    name: 'NVIDIA A100 40 GB',
    memoryMib: 40960,
    computeCapability: '8.0',
    instances: [instance('p4d.24xlarge', 8, 96, 1152, 8000, 21.957642)],
  },
  'a100-80gb': {
    name: 'NVIDIA A100 80 GB',
    memoryMib: 81920,
    computeCapability: '8.0',
    instances: [instance('p4de.24xlarge', 8, 96, 1152, 8000, 27.44705)],
  },
  h100: {
    name: 'NVIDIA H100',
    memoryMib: 81920,
    computeCapability: '9.0',
    instances: [instance('p5.4xlarge', 1, 16, 256, 3800, 6.88), instance('p5.48xlarge', 8, 192, 2048, 30400, 55.04)],
  },
  h200: {
    name: 'NVIDIA H200',
    memoryMib: 144384,
    computeCapability: '9.0',
    instances: [instance('p5en.48xlarge', 8, 192, 2048, 30400, 63.296)],
  },
}

/** Nodes without GPU that Karpenter may start for CPU models and the gateway. */
export const cpuInstances: Instance[] = [
  instance('m7i.large', 0, 2, 8, 0, 0.1008),
  instance('m7i.xlarge', 0, 4, 16, 0, 0.2016),
]
