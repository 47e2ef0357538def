// GPU kinds with their memory and the instances that carry them. Data, and what follows from it.
// Memory: github.com/aws/karpenter-provider-aws v1.14.1, instance-types reference (instance-gpu-memory).
import { assumptions } from './assumptions.ts'
import { gpuInstances, type Instance } from './instances.ts'

export const acceleratorKinds = [
  't4',
  'a10g',
  'l4',
  'l40s',
  'rtx-pro-4500',
  'rtx-pro-6000',
  'a100-40gb',
  'a100-80gb',
  'h100',
  'h200',
  'b200',
  'b300',
] as const

export type AcceleratorKind = (typeof acceleratorKinds)[number]

export interface Accelerator {
  name: string
  /** Per GPU, as EC2 reports it. */
  memoryMib: number
  /** Per GPU, as CUDA reports it to a program (`torch.cuda.mem_get_info`), read off public start-up logs. Undefined: never seen. */
  cudaMib?: number
  /** Of NVIDIA’s data sheet, the fastest variant of that name. */
  memoryGbPerSecond: number
  /** CUDA compute capability: chooses images and shows whether FP8 and BF16 are done in hardware. */
  computeCapability: string
  /** Smallest first. */
  instances: Instance[]
}

export const accelerators: Record<AcceleratorKind, Accelerator> = {
  t4: {
    name: 'NVIDIA T4',
    memoryMib: 16384,
    memoryGbPerSecond: 320,
    cudaMib: 14909,
    computeCapability: '7.5',
    instances: gpuInstances.t4,
  },
  a10g: {
    name: 'NVIDIA A10G',
    memoryMib: 22888,
    memoryGbPerSecond: 600,
    cudaMib: 22589,
    computeCapability: '8.6',
    instances: gpuInstances.a10g,
  },
  l4: {
    name: 'NVIDIA L4',
    memoryMib: 22888,
    memoryGbPerSecond: 300,
    cudaMib: 22559,
    computeCapability: '8.9',
    instances: gpuInstances.l4,
  },
  l40s: {
    name: 'NVIDIA L40S',
    memoryMib: 45776,
    memoryGbPerSecond: 864,
    cudaMib: 45455,
    computeCapability: '8.9',
    instances: gpuInstances.l40s,
  },
  'rtx-pro-4500': {
    name: 'NVIDIA RTX PRO 4500',
    memoryMib: 32768,
    memoryGbPerSecond: 896,
    computeCapability: '12.0',
    instances: gpuInstances['rtx-pro-4500'],
  },
  'rtx-pro-6000': {
    name: 'NVIDIA RTX PRO 6000',
    memoryMib: 98304,
    memoryGbPerSecond: 1792,
    computeCapability: '12.0',
    instances: gpuInstances['rtx-pro-6000'],
  },
  'a100-40gb': {
    name: 'NVIDIA A100 40 GB',
    memoryMib: 40960,
    memoryGbPerSecond: 1555,
    cudaMib: 40438,
    computeCapability: '8.0',
    instances: gpuInstances['a100-40gb'],
  },
  'a100-80gb': {
    name: 'NVIDIA A100 80 GB',
    memoryMib: 81920,
    memoryGbPerSecond: 2039,
    cudaMib: 81050,
    computeCapability: '8.0',
    instances: gpuInstances['a100-80gb'],
  },
  h100: {
    name: 'NVIDIA H100',
    memoryMib: 81920,
    memoryGbPerSecond: 3350,
    cudaMib: 81080,
    computeCapability: '9.0',
    instances: gpuInstances.h100,
  },
  h200: {
    name: 'NVIDIA H200',
    memoryMib: 144384,
    memoryGbPerSecond: 4800,
    cudaMib: 143155,
    computeCapability: '9.0',
    instances: gpuInstances.h200,
  },
  b200: {
    name: 'NVIDIA B200',
    memoryMib: 183359,
    memoryGbPerSecond: 8000,
    computeCapability: '10.0',
    instances: gpuInstances.b200,
  },
  b300: {
    name: 'NVIDIA B300',
    memoryMib: 275040,
    memoryGbPerSecond: 8000,
    computeCapability: '10.3',
    instances: gpuInstances.b300,
  },
}

/** Whether the GPU multiplies in fp8; older ones only store it. */
export const computesFp8 = (kind: AcceleratorKind): boolean => Number(accelerators[kind].computeCapability) >= 8.9

/** What a program can have of a GPU, MiB. Driver, error correction and page tables take the rest. */
export const cudaMemoryMib = ({ memoryMib, cudaMib }: Pick<Accelerator, 'memoryMib' | 'cudaMib'>): number =>
  cudaMib ?? memoryMib * assumptions.unseenGpuShare.value
