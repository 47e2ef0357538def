// A rendered file: where one manifest goes and its text.
import type { Manifest } from '../render/manifest.ts'
import { emitYaml } from './emit-yaml.ts'

export interface RenderedFile {
  /** Relative to the root, with forward slashes. */
  path: string
  text: string
}

const headerStart = '# Generated from '
const headerEnd = ' by npm run synth; do not edit.'

export const isGenerated = (text: string): boolean => {
  const end = text.indexOf('\n')
  return text.startsWith(headerStart) && text.slice(0, end < 0 ? undefined : end).endsWith(headerEnd)
}

export const renderedFolder = (cluster: string): string => `clusters/${cluster}/rendered`

export const manifestPath = ({ cluster, app, object }: Manifest): string =>
  `${renderedFolder(cluster)}/${app}/${object.kind.toLowerCase()}-${object.metadata.name}.yaml`

export const manifestText = ({ source, object }: Manifest): string =>
  `${headerStart}${source}${headerEnd}\n${emitYaml(object)}`
