// Which folder may import which by value. ARCHITECTURE.md shows the same table, and a test compares the two.

/** Folder (or file) → what it may import, beside itself. */
export const importMatrix: Record<string, readonly string[]> = {
  'generators/schema': [],
  'generators/diagnostics': [],
  'generators/load': ['generators/diagnostics', 'generators/schema'],
  'generators/engines': ['generators/schema'],
  'generators/validate': ['generators/schema', 'generators/engines', 'generators/diagnostics'],
  'generators/plan': ['generators/schema', 'generators/engines', 'generators/diagnostics'],
  'generators/render': ['generators/plan', 'generators/engines', 'generators/schema'],
  'generators/reference': ['generators/schema', 'generators/engines', 'generators/diagnostics'],
  'generators/write': ['generators/diagnostics'],
  'generators/pipeline.ts': [
    'generators/diagnostics',
    'generators/load',
    'generators/validate',
    'generators/plan',
    'generators/render',
    'generators/reference',
    'generators/write',
  ],
  'generators/commands': [
    'generators/pipeline.ts',
    'generators/schema',
    'generators/engines',
    'generators/diagnostics',
    'generators/load',
    'generators/validate',
    'generators/plan',
    'generators/render',
    'generators/write',
  ],
  'generators/main.ts': ['generators/commands'],
  gateway: [],
  platform: ['generators/schema', 'gateway/config.ts', 'gateway/metric-names.ts'],
  // Before anything is planned the cluster file passes the rules of synth.
  'platform/read-cluster.ts': ['generators/schema', 'generators/diagnostics', 'generators/load', 'generators/validate'],
  'platform/outputs.ts': [
    'platform/infra-file.ts',
    'generators/commands',
    'generators/diagnostics',
    'generators/load',
    'generators/schema',
    'generators/validate',
  ],
  'model-server': ['package.json'],
  bench: ['generators/pipeline.ts', 'generators/render', 'generators/write', 'gateway'],
}

/** Folders and files that may touch the file system, the network, the clock, randomness or `process`. */
export const sideEffects: readonly string[] = [
  'generators/load',
  'generators/write',
  'generators/commands',
  'generators/main.ts',
  'gateway/server.ts',
  'gateway/bundle.ts',
  'gateway/gateway.ts',
  'gateway/plugins',
  'gateway/directory',
  'gateway/upstream',
  'gateway/auth',
  'gateway/telemetry',
  // Measures how long the graph takes.
  'platform/graph/record-graph.ts',
  'platform/outputs.ts',
  'model-server/server.ts',
  'model-server/engine',
  'model-server/model',
  'model-server/hub',
  'model-server/image',
  'bench',
]
