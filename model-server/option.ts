// What an option of a command line is, and how they are read. The image holds model-server/ alone, without the readers of
// generators/command-line.
import { parseArgs } from 'node:util'
import { UserMistake } from './user-mistake.ts'

export interface Option {
  name: string
  /** Word for the value; undefined: a switch. */
  value?: string
  repeats?: true
  /** As the table shows it; – when there is none. */
  usual: string
  meaning: string
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** @throws UserMistake for what no option knows */
export function parse(options: readonly Option[], argv: readonly string[]): Values {
  const known = options.map(({ name, value, repeats }) => {
    return [name, { type: value ? ('string' as const) : ('boolean' as const), multiple: repeats ?? false }] as const
  })
  try {
    return parseArgs({ args: [...argv], options: Object.fromEntries(known), strict: true }).values
  } catch (error) {
    throw new UserMistake(`${(error as Error).message.split('. ')[0]}; --help lists the options`)
  }
}

export function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UserMistake(`--${name} ${text}: write a whole number from ${least} to ${most}`)
}

/** It becomes a part of URLs and of paths. */
export function hubId(id: string): string {
  if (/^[\w.-]+(?:\/[\w.-]+)?$/.test(id) && !id.split('/').some((part) => /^\.+$/.test(part))) return id
  throw new UserMistake(`--model ${id}: not a Hub id; write it as owner/name`)
}
