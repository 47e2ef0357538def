// Reads the small files of a Hugging Face model directory, and says clearly what is missing or broken.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserMistake } from '../user-mistake.ts'

type Json = Record<string, unknown>

export interface ModelDirectory {
  path: string
  config: Json
  generationConfig: Json
  tokenizer: Json
  tokenizerConfig: Json
  /** chat_template.jinja, where it is a file of its own. */
  chatTemplateFile: string | undefined
  /** 1_Pooling/config.json of sentence-transformers. */
  pooling: Json | undefined
  /** Whether modules.json ends with a normalising step. */
  normalizes: boolean
  /** Names of the files in onnx/. */
  onnxFiles: string[]
  /** Whether its model card calls it a demo model. */
  demo: boolean
}

/** @throws UserMistake naming the file and what is wrong with it */
export function readModelDirectory(path: string): ModelDirectory {
  if (!existsSync(path))
    throw new UserMistake(`${path}: no such directory; --model-dir wants a Hugging Face model directory`)
  const modules = readJson(path, 'modules.json', [])
  return {
    path,
    config: readJson(path, 'config.json'),
    generationConfig: readJson(path, 'generation_config.json', {}),
    tokenizer: readJson(path, 'tokenizer.json'),
    tokenizerConfig: readJson(path, 'tokenizer_config.json', {}),
    chatTemplateFile: readText(path, 'chat_template.jinja'),
    pooling: existsSync(join(path, '1_Pooling/config.json')) ? readJson(path, '1_Pooling/config.json') : undefined,
    normalizes: JSON.stringify(modules).includes('Normalize'),
    onnxFiles: onnxFilesIn(path),
    demo: isDemo(path),
  }
}

function readText(path: string, name: string): string | undefined {
  const file = join(path, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function readJson(path: string, name: string, missing?: unknown): Json {
  const text = readText(path, name)
  if (text === undefined && missing !== undefined) return missing as Json
  if (text === undefined) throw new UserMistake(`${join(path, name)}: missing; a model directory needs it`)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Json
    throw new SyntaxError('not an object')
  } catch (error) {
    throw new UserMistake(`${join(path, name)}: not JSON (${(error as Error).message})`)
  }
}

function onnxFilesIn(path: string): string[] {
  const folder = join(path, 'onnx')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** The card's title says so, as the bundled model's does: the label travels with the files. */
function isDemo(path: string): boolean {
  const cards = ['MODEL_CARD.md', 'README.md'].map((name) => readText(path, name) ?? '')
  return cards.some((card) => /^# .*\bdemo model\b/im.test(card))
}

export const modelName = (path: string): string => basename(path)

/** A whole number of config.json under any of these names. */
export function configNumber(config: Json, ...names: string[]): number | undefined {
  for (const name of names) if (Number.isInteger(config[name])) return config[name] as number
  return undefined
}
