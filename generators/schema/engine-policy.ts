// Which settings may open an engine: a decision of the people who own this repository, made here in a pull request.

/**
 * By model file, the flags of extraArgs and the variables of env that may be set although they let callers, code or connections into
 * the engine: `'my-model': ['VLLM_SERVER_DEV_MODE']`. The pull request says why.
 */
export const approvedOpenings: Readonly<Record<string, readonly string[]>> = {}
