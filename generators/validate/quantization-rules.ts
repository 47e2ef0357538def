// Rules about stored formats of weights: what the engine's version loads, on which GPUs, and what the model file says of it.
import type { Engine, EngineVersion } from '../engines/engine.ts'
import { accelerators } from '../schema/accelerators.ts'
import type { Lock } from '../schema/lock.ts'
import type { Report } from './findings.ts'
import type { Draft } from './model-settings.ts'

type Complaint = { message: string; hint: string }

export function checkQuantization(
  engine: Engine,
  { version, quantization: methods }: EngineVersion,
  draft: Draft,
  { quantization: stored }: Lock,
  report: Report,
): void {
  if (methods === undefined) return
  const wanted = draft.engine.quantization
  const found =
    stored !== undefined && !Object.hasOwn(methods, stored)
      ? { message: `${engine.name} ${version} does not load weights stored as ${stored}`, hint: insteadOf(methods) }
      : (mismatch(wanted, stored) ?? tooOld(wanted ?? stored, methods, draft))
  const field = wanted === undefined ? ['engine'] : ['engine', 'quantization']
  if (found !== undefined) report('QUANTIZATION_UNSUPPORTED', field, found.message, found.hint)
}

/** Only fp8 can be made of plain weights while they are loaded. */
function mismatch(wanted: string | undefined, stored: string | undefined): Complaint | undefined {
  if (wanted === undefined || wanted === stored || (wanted === 'fp8' && stored === undefined)) return undefined
  return {
    message: `the weights are not stored as ${wanted} but as ${stored ?? 'plain numbers'}`,
    hint:
      stored === undefined
        ? 'remove quantization, or choose a quantized repository'
        : `write quantization: ${stored}, or remove it`,
  }
}

function tooOld(
  method: string | undefined,
  methods: Readonly<Record<string, number>>,
  { accelerator, engine }: Draft,
): Complaint | undefined {
  const least = method === undefined ? undefined : methods[method]
  const capability = accelerator?.type === undefined ? undefined : accelerators[accelerator.type].computeCapability
  if (least === undefined || capability === undefined || Number(capability) >= least) return undefined
  const able = Object.entries(accelerators).filter(([, kind]) => Number(kind.computeCapability) >= least)
  return {
    message: `${method} needs compute capability ${least.toFixed(1)}, ${accelerator?.type} has ${capability}`,
    hint: `choose ${able.map(([kind]) => kind).join(', ')}${engine.quantization === undefined ? '' : ', or remove quantization'}`,
  }
}

const insteadOf = (methods: Readonly<Record<string, number>>): string =>
  Object.keys(methods).length === 0
    ? 'choose the repository with plain weights'
    : `choose the repository with plain weights (quantization: fp8 halves them while loading), or one stored as ${['awq', 'gptq', 'compressed-tensors', 'fp8', 'mxfp4'].filter((word) => word in methods).join(', ')}`
