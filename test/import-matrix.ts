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
  bench: ['generators/pipeline.ts', 'generators/render', 'generators/write'],
}

/** Folders and files that may touch the file system, the network, the clock, randomness or `process`. */
export const sideEffects: readonly string[] = [
  'generators/load',
  'generators/write',
  'generators/commands',
  'generators/main.ts',
  'gateway/server.ts',
  'gateway/gateway.ts',
  'gateway/plugins',
  'gateway/directory',
  'gateway/routes/console-files.ts',
  'gateway/upstream',
  'gateway/auth',
  'gateway/telemetry',
  'bench',
]
