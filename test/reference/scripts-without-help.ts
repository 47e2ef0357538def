// npm scripts that have no help of their own, with what a person needs to know before running one.

export const scriptsWithoutHelp: Readonly<Record<string, string>> = {
  check: 'Format, lint, types, and whether the rendered tree is fresh.',
  'gateway:bundle': 'The gateway as one file, for its image.',
  'model-server:image': 'Gathers what the model server’s image holds, in `model-server/dist`.',
  platform:
    'The Pulumi CLI in `platform/`, with the Node of this repository: `npm run platform -- up --stack C`. See [platform/README.md](../../platform/README.md).',
  postinstall: 'Part of `npm ci`: links the Node of node_modules; needed by hand only after `--ignore-scripts`.',
  reference: 'Writes the generated pages of this folder; a test says when they are old.',
  test: 'All tests; `npm test -- PART` runs the files whose path contains PART. Those of waking and alerts ask a real Prometheus when `prometheus`, `promtool` and `amtool` are on PATH or in `SLIPWAY_PROMETHEUS`, that of traces a real OpenTelemetry collector in `SLIPWAY_OTELCOL`, which .ci/run builds.',
  'test:clients':
    'Twenty clients of PyPI and npm against the gateway, with every feature that [clients.md](../clients.md) lists; makes its own environments, needs Python, PyPI and npm.',
  'test:cluster':
    'What synth renders on a real cluster with Argo CD: `KUBECONFIG`, or `SLIPWAY_CONTROL_PLANE` (a folder with `up` and `down`); `CLUSTER_RESTART_API` is a command; `CLUSTER_CASES` names groups of cases, such as `replicas,deleted`.',
  'test:engines':
    'The gateway before a real vLLM: `SLIPWAY_VLLM`, `VLLM_COMMAND` or `VLLM_URL`, see [gateway/README.md](../../gateway/README.md#before-a-real-vllm).',
  'test:fork':
    'A copy that `npm run init` made a company’s own, in a temporary folder, and every test there: `npm run test:fork -- COMPANY [PART...]`, with `one-region`, `four-clusters` or `without-gpus`.',
  'test:platform':
    'The platform at an AWS that answers (moto): made, interrupted, changed, taken down, by the real Pulumi engine; needs a `pulumi` on PATH or in `SLIPWAY_AWS`, Python and PyPI; some minutes a cluster.',
  'test:soak': 'Long runs of the gateway: memory, thousands of streams, parts that go away; about ten minutes.',
  workflow:
    'What workflows do beyond the other scripts: [tasks](#tasks-of-npm-run-workflow), `npm run workflow -- TASK --help`.',
}
