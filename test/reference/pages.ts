// The pages of docs/reference that are made from tables of several parts; fields and messages are written by synth.
import type { RenderedFile } from '../../generators/write/rendered-file.ts'
import { commandsPage } from './commands-page.ts'
import { routesPage } from './routes-page.ts'
import { settingsPage } from './settings-page.ts'

export const referencePages = async (): Promise<RenderedFile[]> => [
  { path: 'docs/reference/commands.md', text: await commandsPage() },
  { path: 'docs/reference/routes.md', text: routesPage() },
  { path: 'docs/reference/settings.md', text: settingsPage() },
]
