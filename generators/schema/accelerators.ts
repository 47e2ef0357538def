// GPU kinds with their memory and the instances that carry them. Data, no logic.
// Memory: github.com/aws/karpenter-provider-aws v1.14.1, instance-types reference (instance-gpu-memory).
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
  /** CUDA compute capability: chooses images and tells whether FP8 and BF16 are done in hardware. */
  computeCapability: string
  /** Smallest first. */
  instances: Instance[]
}

export const accelerators: Record<AcceleratorKind, Accelerator> = {
  t4: { name: 'NVIDIA T4', memoryMib: 16384, computeCapability: '7.5', instances: gpuInstances.t4 },
  a10g: { name: 'NVIDIA A10G', memoryMib: 22888, computeCapability: '8.6', instances: gpuInstances.a10g },
  l4: { name: 'NVIDIA L4', memoryMib: 22888, computeCapability: '8.9', instances: gpuInstances.l4 },
  l40s: { name: 'NVIDIA L40S', memoryMib: 45776, computeCapability: '8.9', instances: gpuInstances.l40s },
  'rtx-pro-4500': {
    name: 'NVIDIA RTX PRO 4500',
    memoryMib: 32768,
    computeCapability: '12.0',
    instances: gpuInstances['rtx-pro-4500'],
  },
  'rtx-pro-6000': {
    name: 'NVIDIA RTX PRO 6000',
    memoryMib: 98304,
    computeCapability: '12.0',
    instances: gpuInstances['rtx-pro-6000'],
  },
  'a100-40gb': {
    name: 'NVIDIA A100 40 GB',
    memoryMib: 40960,
    computeCapability: '8.0',
    instances: gpuInstances['a100-40gb'],
  },
  'a100-80gb': {
    name: 'NVIDIA A100 80 GB',
    memoryMib: 81920,
    computeCapability: '8.0',
    instances: gpuInstances['a100-80gb'],
  },
  h100: { name: 'NVIDIA H100', memoryMib: 81920, computeCapability: '9.0', instances: gpuInstances.h100 },
  h200: { name: 'NVIDIA H200', memoryMib: 144384, computeCapability: '9.0', instances: gpuInstances.h200 },
  b200: { name: 'NVIDIA B200', memoryMib: 183359, computeCapability: '10.0', instances: gpuInstances.b200 },
  b300: { name: 'NVIDIA B300', memoryMib: 275040, computeCapability: '10.3', instances: gpuInstances.b300 },
}
