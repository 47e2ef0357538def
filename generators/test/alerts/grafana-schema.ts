// Grafana’s own schema of dashboards, as it publishes it for each version: types, so the compiler holds a dashboard against them. What is a
// literal there may have no field that the type does not know.
import ts from 'typescript'
import { repositoryRoot } from '../fixture.ts'

/** Options and queries are of a panel’s plugin; the fields of a query are those of Grafana’s data source of Prometheus. */
const types = `
import type { Dashboard, DataQuery, Panel, RowPanel } from '@grafana/schema'
import type { FieldConfig as Graph, Options as Series } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen'
import type { FieldConfig as Cells, Options as Table } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen'

interface Query extends DataQuery { expr: string; legendFormat?: string; instant?: boolean; range?: boolean; format?: 'time_series' | 'table' | 'heatmap' }
type Of<Type extends string, Options, Field> =
  Omit<Panel<Options, Field>, 'type' | 'options' | 'targets'> & { type: Type; options: Options; targets: Query[] }
type Panels = RowPanel | Of<'timeseries', Series, Graph> | Of<'table', Table, Cells>
/** As JSON has it: words where the types have names for words. */
type Written<T> = unknown extends T ? T
  : T extends string ? \`\${T}\`
  : T extends number | boolean | null | undefined ? T
  : T extends (infer One)[] ? Written<One>[]
  : { [Key in keyof T]: Written<T[Key]> }
`

const options: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
}

/** What Grafana’s schema does not allow in each dashboard; a line each. */
export function schemaErrors(dashboards: readonly object[]): string[][] {
  const texts = new Map(
    dashboards.map((dashboard, index) => [
      `${repositoryRoot}/dashboard-of-a-test-${index}.ts`,
      `${types}
export const dashboard: Written<Omit<Dashboard, 'panels'> & { panels: Panels[] }> = ${JSON.stringify(dashboard)}\n`,
    ]),
  )
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.getSourceFile = (file, ...more) => {
    const text = texts.get(file)
    return text === undefined ? getSourceFile(file, ...more) : ts.createSourceFile(file, text, ts.ScriptTarget.ESNext)
  }
  host.fileExists = (file) => texts.has(file) || fileExists(file)
  host.readFile = (file) => texts.get(file) ?? readFile(file)
  const program = ts.createProgram([...texts.keys()], options, host)
  return [...texts.keys()].map((file) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  )
}
