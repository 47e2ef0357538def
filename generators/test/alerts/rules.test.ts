// Alerts and rules as data: every metric is shown by somebody, every alert has its page, objectives become the right buckets.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { metricNames } from '../../../gateway/metric-names.ts'
import { assert, describe } from '../../../test/spec.ts'
import { engines } from '../../engines/index.ts'
import { metricsOf, missingMetrics } from '../../engines/metric-names.ts'
import { dashboardMetrics } from '../../render/alerts/dashboard.ts'
import { type AlertName, alertId, alerts } from '../../render/alerts/registry.ts'
import { repositoryRoot } from '../fixture.ts'
import { foreignMetrics } from './foreign-metrics.ts'
import { ruleFiles, rulesOf } from './rendered-rules.ts'
import { samplesOf } from './series.ts'

const folder = join(repositoryRoot, 'docs/alerts')
const read = (path: string): string => readFileSync(path, 'utf8')
const recorded = (name: string) => samplesOf(read(join(import.meta.dirname, 'recorded', `${name}.txt`)))
/** Series of a histogram → its name. */
const stem = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '')
const exprs = ruleFiles.flatMap((file) => rulesOf(file).map((rule) => ({ file, rule, expr: String(rule.expr) })))

describe('metrics in rules', (test) => {
  const own = new Set<string>(Object.values(metricNames))
  const records = new Set(exprs.flatMap(({ rule }) => rule.record ?? []))

  test('are read out of an expression', () => {
    const text =
      'sum by (a, b) (rate(x:y_total{c="d e"}[5m])) > 2 and on (f) max(g offset 1h) or absent(up{job=~"a|b"}) < 1e3'
    assert.equal(metricsOf(text), ['x:y_total', 'g', 'up'])
    assert.equal(metricsOf('a unless on () time() - b < 1 or c * vector(2)'), ['a', 'b', 'c'])
  })

  test('are the gateway’s, those of the engine’s version, documented ones, or recorded by a rule', () => {
    for (const { file, expr } of exprs)
      for (const metric of metricsOf(expr)) {
        const page = file.model?.version.page ?? {}
        assert.ok(
          own.has(metric) || metric in foreignMetrics || records.has(metric) || metric in page || stem(metric) in page,
          `${file.model?.name ?? 'platform'}: ${metric}`,
        )
      }
    const used = new Set([...exprs.flatMap(({ expr }) => metricsOf(expr)), ...dashboardMetrics()])
    for (const metric of Object.keys(foreignMetrics)) assert.ok(used.has(metric), `${metric} is read by no rule`)
  })

  test('have the labels that the rule names', () => {
    for (const { file, expr } of exprs)
      for (const [, metric = '', matchers = ''] of expr.matchAll(/([A-Za-z_:][\w:]*)\{([^}]*)\}/g)) {
        const names = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, name = '']) => name)
        const page = file.model?.version.page
        const known = foreignMetrics[metric]?.labels ?? page?.[metric]?.labels ?? page?.[stem(metric)]?.labels
        if (known === undefined) continue
        for (const name of names.filter((one) => one !== 'le')) assert.ok(known.includes(name), `${metric} ${name}`)
      }
  })

  test('of the gateway are on the page that was recorded from it', () => {
    const page = new Set(recorded('gateway').map(({ name }) => name))
    for (const { expr } of exprs)
      for (const metric of metricsOf(expr).filter((one) => own.has(one))) assert.ok(page.has(metric), metric)
  })

  test('of vLLM 0.32.0 are on the page that was recorded from it, with labels and buckets', () => {
    const samples = recorded('vllm-0.32.0')
    const version = engines.flatMap(({ versions }) => versions).find((one) => one.version === '0.32.0')
    assert.ok(version?.page)
    for (const [metric, { labels, buckets }] of Object.entries(version.page)) {
      const own = samples.filter(({ name }) => name === metric || stem(name) === metric)
      assert.ok(own.length > 0, metric)
      for (const sample of own)
        assert.equal(
          Object.keys(sample.labels)
            .filter((one) => one !== 'le')
            .sort(),
          labels,
        )
      const bounds = new Set(own.flatMap(({ labels: { le } }) => (le === undefined || le === '+Inf' ? [] : [le])))
      if (buckets !== undefined) assert.equal([...bounds], buckets)
    }
  })

  test('that a new version of an engine renamed leave it without them', () => {
    for (const { versions } of engines)
      for (const version of versions) {
        assert.equal(missingMetrics(version), [], version.version)
        for (const metric of Object.keys(version.page ?? {})) {
          const { [metric]: gone, ...page } = version.page ?? {}
          const named = Object.values(version.latencies ?? {}).includes(metric)
          if (named && gone) assert.equal(missingMetrics({ ...version, page }), [metric])
        }
      }
  })
})

describe('alerts', (test) => {
  const names = Object.keys(alerts) as AlertName[]

  test('are all rendered, with the severity of their entry', () => {
    const rendered = new Set(exprs.flatMap(({ rule }) => rule.alert ?? []))
    assert.equal([...rendered].sort(), [...names].sort())
    for (const { rule } of exprs.filter(({ rule }) => rule.alert !== undefined)) {
      const { severity } = alerts[rule.alert as AlertName]
      assert.ok(severity.split(' or ').includes(rule.labels?.severity ?? ''), rule.alert)
      assert.is(rule.labels?.part_of, 'slipway')
    }
  })

  test('name their page', () => {
    for (const { rule } of exprs.filter(({ rule }) => rule.alert !== undefined))
      assert.match(
        rule.annotations?.runbook_url ?? '',
        new RegExp(`/blob/main/docs/alerts/${alertId(rule.alert as AlertName)}\\.md$`),
      )
  })

  test('have a page each, which says the same as the registry and the table', () => {
    const pages = readdirSync(folder).filter((file) => file !== 'README.md')
    assert.equal(pages.sort(), names.map((name) => `${alertId(name)}.md`).sort())
    const table = read(join(folder, 'README.md'))
    for (const name of names) {
      const id = alertId(name)
      const { severity, sentence } = alerts[name]
      assert.ok(read(join(folder, `${id}.md`)).startsWith(`# ${id}\n\n**${severity}** · ${sentence}\n\n`), id)
      assert.match(table, `| [${id}](${id}.md) | ${severity} | ${sentence} |\n`)
    }
    assert.is(table.match(/^\| \[/gm)?.length, names.length)
  })

  test('have pages that say where to look, and what to do', () => {
    for (const name of names) {
      const text = read(join(folder, `${alertId(name)}.md`))
      const [, look = '', fix = ''] = /## Look\n\n([\s\S]+)\n## Fix\n\n([\s\S]+)$/.exec(text) ?? []
      assert.ok((look.match(/^\d\. /gm)?.length ?? 0) >= 3, name)
      assert.ok((fix.match(/^- /gm)?.length ?? 0) >= 2, name)
      for (const [, other = ''] of text.matchAll(/(?:see|See) `([a-z0-9-]+)`/g))
        assert.ok(readdirSync(folder).includes(`${other}.md`), `${name}: ${other}`)
    }
  })
})
