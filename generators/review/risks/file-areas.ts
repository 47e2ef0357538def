// Parts of the repository beside sources and rendered files: what a change there can do, and whether anything here judges it.
import type { RiskLevel } from './risk.ts'

export interface Area {
  /** As in “3 files of the gateway”. */
  name: string
  paths: RegExp
  /** Why nobody has to look, what judges it, or what can go wrong: `text` goes on after “3 files of the gateway change:”. */
  verdict: { quiet: string } | { by: string } | { level: RiskLevel; rule: string; text: string }
}

const unjudged = (level: RiskLevel, rule: string, text: string) => ({ level, rule, text })

/** The first that matches counts. */
export const areas: readonly Area[] = [
  { name: 'tests', paths: /(?:^|\/)test\//, verdict: { quiet: 'run nowhere but in CI' } },
  { name: 'documents', paths: /\.md$|^docs\/|^LICENSE$/, verdict: { quiet: 'for people' } },
  { name: 'sources', paths: /^apps\/|^clusters\//, verdict: { quiet: 'judged field by field and object by object' } },
  { name: 'the record of upgrades', paths: /^upstream\.json$/, verdict: { quiet: 'only `npm run upgrade` reads it' } },
  { name: 'bundled models', paths: /^model-server\/models\//, verdict: { quiet: 'their hash is in the lock' } },
  {
    name: 'who may call',
    paths: /^gateway\/auth\//,
    verdict: unjudged(
      'caution',
      'gateway-auth',
      'tokens, keys and tenants are checked there. Not judged here: read them line by line.',
    ),
  },
  {
    name: 'limits of tenants',
    paths: /^gateway\/quota\//,
    verdict: unjudged('caution', 'gateway-quota', 'what a tenant may send is counted there. Not judged here.'),
  },
  {
    name: 'the gateway',
    paths: /^gateway\//,
    verdict: unjudged('warning', 'gateway-code', 'not judged here. It runs when the image is released.'),
  },
  {
    name: 'the model server',
    paths: /^model-server\//,
    verdict: unjudged('warning', 'model-server-code', 'not judged here. It runs when the image is released.'),
  },
  { name: 'workflows', paths: /^\.github\/workflows\//, verdict: { by: 'workflow-risks.ts' } },
  {
    name: 'who must approve',
    paths: /^\.github\/CODEOWNERS$/,
    verdict: unjudged('caution', 'code-owners', 'it says whose approval a change needs. Not judged here.'),
  },
  {
    name: 'the workflows’ scripts',
    paths: /^\.github\/scripts\//,
    verdict: unjudged(
      'warning',
      'workflow-scripts',
      'they run with the rights of workflows: images, comments, commits. Not judged here.',
    ),
  },
  { name: '.github', paths: /^\.github\//, verdict: { quiet: 'forms for people' } },
  {
    name: 'policies',
    paths: /^generators\/schema\/(?:lock|engine)-policy\.ts$/,
    verdict: { by: 'policy-risks.ts' },
  },
  {
    name: 'what synth refuses',
    paths: /^generators\/(?:validate|verify)\//,
    verdict: unjudged(
      'warning',
      'validation',
      'what is rendered is compared here, but not what synth refuses from now on, or lets pass.',
    ),
  },
  {
    name: 'the review itself',
    paths: /^generators\/review\/|^generators\/commands\/(?:review|compare-states)\.ts$/,
    verdict: unjudged(
      'warning',
      'review-code',
      'this card is written by the changed code, which may say less than before.',
    ),
  },
  {
    name: 'the generators',
    paths: /^generators\/|^schemas\//,
    verdict: { quiet: 'what they render is compared object by object' },
  },
  {
    name: 'stack settings',
    paths: /^platform\/Pulumi\..*\.yaml$/,
    verdict: unjudged(
      'caution',
      'stack-settings',
      'they hold the origin secret, encrypted; another one shuts out all clients.',
    ),
  },
  {
    name: 'the deployer',
    paths: /^platform\/deployer\//,
    verdict: unjudged(
      'caution',
      'deployer',
      'roles and rights of the deployer, and the state bucket. Not judged here.',
    ),
  },
  {
    name: 'tools of the platform',
    paths: /^platform\/(?:walk|doctor|cost)\//,
    verdict: { quiet: 'only read and print' },
  },
  {
    name: 'the platform program',
    paths: /^platform\//,
    verdict: { by: 'the resources that it declares' },
  },
  { name: 'dependencies', paths: /^package(?:-lock)?\.json$/, verdict: { by: 'dependency-risks.ts' } },
  {
    name: 'npm’s settings',
    paths: /^\.npmrc$/,
    verdict: unjudged(
      'caution',
      'npm-settings',
      'they say where packages come from, and whether their scripts run. Not judged here.',
    ),
  },
  {
    name: 'the install script',
    paths: /^local\/link-node\.mjs$/,
    verdict: unjudged('warning', 'install-script', 'it runs at every `npm ci`, in CI too. Not judged here.'),
  },
  { name: 'the local run', paths: /^local\/|^bench\//, verdict: { quiet: 'run on a developer’s machine alone' } },
  {
    name: 'automatic updates',
    paths: /^renovate\.json$/,
    verdict: unjudged(
      'warning',
      'automatic-updates',
      'it says which versions are proposed, and which are merged without a person. Not judged here.',
    ),
  },
  {
    name: 'settings of tools',
    paths: /^(?:biome\.json|tsconfig\.json|lefthook\.yml|\.gitignore|\.gitattributes|\.vscode\/.*|\.editorconfig)$/,
    verdict: { quiet: 'of editors and checks' },
  },
  { name: 'the repository', paths: /^/, verdict: unjudged('note', 'other-files', 'not judged here.') },
]

export const areaOf = (path: string): Area => areas.find(({ paths }) => paths.test(path)) as Area
