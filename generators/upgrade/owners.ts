// Which files are a company’s and which are the program’s: what an upgrade leaves alone, and what it takes from upstream.
// docs/how-to/upgrade.md shows this table.

export type OwnerName = 'yours' | 'program' | 'generated'

export interface Owner {
  owner: OwnerName
  /** As the page shows them. */
  files: string
  paths: RegExp
  because: string
  /** Upstream’s is taken where the copy never had one: the program needs the file. */
  needed?: true
}

/** The first that matches counts. */
export const owners: readonly Owner[] = [
  {
    owner: 'yours',
    files: 'apps/models/, apps/tenants/',
    paths: /^apps\/(?:models|tenants)\//,
    because: 'what you serve, and to which callers',
  },
  {
    owner: 'yours',
    files: 'apps/gateway.yaml, apps/images.yaml',
    paths: /^apps\/(?:gateway|images)\.yaml$/,
    because: 'your gateway’s pods, and the images that your releases made',
    needed: true,
  },
  { owner: 'yours', files: 'clusters/', paths: /^clusters\//, because: 'where it runs, and what your synth rendered' },
  {
    owner: 'yours',
    files: 'platform/Pulumi.STACK.yaml',
    paths: /^platform\/Pulumi\..+\.yaml$/,
    because: 'settings and encrypted secrets of your stacks',
  },
  { owner: 'yours', files: '.github/CODEOWNERS', paths: /^\.github\/CODEOWNERS$/, because: 'your teams' },
  {
    owner: 'yours',
    files: 'upstream.json',
    paths: /^upstream\.json$/,
    because: 'the version that you have; an upgrade writes it',
  },
  {
    owner: 'generated',
    files: 'schemas/, docs/reference/',
    paths: /^(?:schemas|docs\/reference)\//,
    because: 'made from the program: upstream’s are taken, and synth writes them again',
  },
  {
    owner: 'program',
    files: 'apps/addons/',
    paths: /^apps\/addons\//,
    because: 'rules and alerts go with the charts’ versions; values of yours are merged in',
  },
  { owner: 'program', files: 'all else', paths: /^/, because: 'edits of yours are merged in; files of yours stay' },
]

export const ownerOf = (path: string): Owner => owners.find(({ paths }) => paths.test(path)) as Owner
