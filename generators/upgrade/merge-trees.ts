// What becomes of each file at an upgrade, from three lists of files: what the copy was made from, what it is, and what upstream has.
import { ownerOf } from './owners.ts'

/** By path: mode and hash of the content, as Git lists them. */
export type Tree = ReadonlyMap<string, string>

export type Choice = 'keep' | 'take'

export type Step =
  /** Upstream’s; without an entry the file goes. */
  | { kind: 'take'; path: string; entry: string | undefined }
  /** Both changed its lines. */
  | { kind: 'merge'; path: string; base: string; ours: string; theirs: string }
  | { kind: 'conflict'; path: string; why: string }

const isText = (entry: string): boolean => entry.startsWith('100')

/** Files that stay as they are have no step. `choices` are for files that both changed, and say what to do without looking inside. */
export function mergeTrees(
  { base, ours, theirs }: { base: Tree; ours: Tree; theirs: Tree },
  choices: (path: string) => Choice | undefined,
): Step[] {
  const paths = [...new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])].sort()
  return paths.flatMap((path) => {
    const step = stepOf(path, base.get(path), ours.get(path), theirs.get(path))
    if (step === undefined || step.kind === 'take') return step ?? []
    const choice = choices(path)
    if (choice === undefined) return step
    return choice === 'keep' ? [] : [{ kind: 'take' as const, path, entry: theirs.get(path) }]
  })
}

function stepOf(
  path: string,
  base: string | undefined,
  ours: string | undefined,
  theirs: string | undefined,
): Step | undefined {
  if (ours === theirs) return undefined
  const { owner, needed } = ownerOf(path)
  const take: Step = { kind: 'take', path, entry: theirs }
  if (owner === 'yours') return needed && base === undefined && ours === undefined ? take : undefined
  if (owner === 'generated') return take
  if (theirs === base) return undefined
  if (ours === base) return take
  const conflict = (why: string): Step => ({ kind: 'conflict', path, why })
  if (ours === undefined) return conflict('you removed it, and upstream changed it')
  if (theirs === undefined) return conflict('you changed it, and upstream removed it')
  if (base === undefined) return conflict('you and upstream both added it')
  if (![base, ours, theirs].every(isText)) return conflict('you and upstream both changed where this link leads')
  return { kind: 'merge', path, base, ours, theirs }
}
