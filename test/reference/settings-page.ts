// docs/reference/settings.md: environment variables of the gateway, options and variables of the model server.
import { settings } from '../../gateway/config.ts'
import type { Option } from '../../model-server/option.ts'
import { serveOptions, variables } from '../../model-server/options.ts'
import { copyOptions, fetchOptions, sweepOptions } from '../../model-server/weight-options.ts'
import { generatedLine } from './generated-line.ts'

const commands: Record<string, readonly Option[]> = {
  serve: serveOptions,
  fetch: fetchOptions,
  copy: copyOptions,
  sweep: sweepOptions,
}

const cell = (text: unknown): string => (text === '' ? '–' : String(text).replaceAll('|', '\\|'))

export const settingsPage = (): string =>
  [
    generatedLine('gateway/config.ts, model-server/options.ts, model-server/weight-options.ts'),
    '# Settings',
    '',
    '## Gateway',
    '',
    'Environment variables. The rendered Deployment sets those that differ from cluster to cluster; `npm run gateway -- --check-config` checks them.',
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...settings.map(({ name, schema }) => `| \`${name}\` | ${cell(schema.default)} | ${cell(schema.description)} |`),
    '',
    '## Model server',
    '',
    ...Object.entries(commands).flatMap(([command, options]) => [
      `### \`${command}\``,
      '',
      '| option | default | meaning |',
      '|---|---|---|',
      ...options.map(({ name, value, usual, meaning }) => {
        const option = value === undefined ? `--${name}` : `--${name}=${value}`
        return `| \`${option}\` | ${cell(usual)} | ${cell(meaning)} |`
      }),
      '',
    ]),
    '### Variables of all four',
    '',
    '| variable | meaning |',
    '|---|---|',
    ...variables.map(({ name, meaning }) => `| \`${name}\` | ${cell(meaning)} |`),
    '',
  ].join('\n')
