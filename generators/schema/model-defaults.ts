// What a model file leaves out, as far as it is a number or a word; what an engine or the lock decides is with them.

export const modelDefaults = {
  accelerator: { count: 1, capacity: ['on-demand'] },
  scaling: { minReplicas: 1 },
  /** The gateway gives up on a first token after this. */
  timeouts: { firstTokenSeconds: 120 },
  weights: { load: 'copy' },
} as const
