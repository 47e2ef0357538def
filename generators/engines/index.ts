// The registry: every engine, one line each. Everything else about an engine is in its own file.
import { cpu } from './cpu.ts'
import type { Engine } from './engine.ts'
import { tei } from './tei.ts'
import { vllm } from './vllm.ts'

export const engines: readonly Engine[] = [vllm, tei, cpu]
