// `npm run prices`: writes generators/schema/prices.json from price lists that were downloaded before.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dayOr, unwrap } from '../command-line/answer-readers.ts'
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { Failure } from '../diagnostics/failure.ts'
import { cpuInstances, gpuInstances } from '../schema/instances.ts'
import { homeRegion, type PriceList } from '../schema/prices.ts'
import { regions } from '../schema/regions.ts'
import { writeTree } from '../write/write-tree.ts'
import { mergePriceLists, readPriceList } from './price-readers.ts'

export const prices: Command = {
  name: 'prices',
  summary: 'write the prices of instances by region from a downloaded price list',
  usage: `npm run prices -- FILE --source TEXT [--date YYYY-MM-DD] [--json] [--root DIR]

  FILE           pkg/providers/pricing/zz_generated.pricing_aws.go of Karpenter’s AWS provider,
                 instances.json of ec2instances.info, or catalogs/v8/aws/vms.csv of
                 SkyPilot’s catalogue
  --source TEXT  where it comes from: repository and version
  --date D       when its prices were valid; Karpenter’s file says it itself
  --json         print one JSON object on standard output

  The list joins those that are there; of each price the newest list counts, and an
  older list does not count for a type that costs something else in ${homeRegion} today.`,
  run,
}

const path = 'generators/schema/prices.json'

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, { source: { type: 'string' }, date: { type: 'string' } })
  const [file, ...rest] = positionals
  if (file === undefined || rest.length > 0) throw new UsageError('give one price list')
  const list = readPriceList(readList(file))
  if (list === undefined) throw new UsageError(`${file} is no price list of a known form`)
  const date = list.date ?? (values.date === undefined ? undefined : unwrap(dayOr(values.date), '--date'))
  if (values.source === undefined) throw new UsageError('say with --source where the list comes from')
  if (date === undefined) throw new UsageError('say with --date YYYY-MM-DD when the prices of the list were valid')
  const types = [...Object.values(gpuInstances).flat(), ...cpuInstances].map(({ type }) => type)
  const own: PriceList = { source: values.source, date, regions: list.regions }
  const root = readRoot(values.root)
  const before = readList(join(root, path))
  const others = (JSON.parse(before) as PriceList[]).filter(({ source }) => source !== own.source)
  const merged = mergePriceLists([own, ...others], types, Object.keys(regions))
  const text = `${JSON.stringify(merged, null, 2)}\n`
  const changed = before === text ? [] : [{ file: { path, text }, before }]
  writeTree(root, { changed, stale: [], unchanged: 0, diagnostics: [] }, () => {})
  const count = merged.reduce((sum, one) => sum + Object.values(one.regions).flatMap(Object.values).length, 0)
  const result = { path, prices: count, lists: merged.map(({ source, date: valid }) => ({ source, date: valid })) }
  output.out(
    values.json
      ? jsonReport({ ok: true, diagnostics: [], summary: { changed: changed.length }, result })
      : `${path}: ${count} prices of ${merged.length} lists${changed.length === 0 ? ', as before' : ''}\n`,
  )
  return 0
}

function readList(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Failure(`cannot read ${file}`, { cause: error })
  }
}
