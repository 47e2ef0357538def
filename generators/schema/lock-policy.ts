// Which models may be locked: a decision of the people who own this repository, made here in a pull request.

/**
 * Licence tags of the Hub under which a model may be served. Tags, not SPDX ids: `llama3.1` and `gemma` are licences of their own
 * with conditions of use.
 */
export const licences: readonly string[] = [
  'apache-2.0',
  'mit',
  'bsd-2-clause',
  'bsd-3-clause',
  'cc-by-4.0',
  'cc0-1.0',
  'gemma',
  'llama3',
  'llama3.1',
  'llama3.2',
  'llama3.3',
  'llama4',
  'openrail',
  'bigscience-openrail-m',
  'qwen',
]

/**
 * Architectures that the engines have built in, so that code which a repository brings beside its weights (`auto_map` in config.json)
 * is never needed. Any other model with `auto_map` is refused.
 */
export const builtInArchitectures: readonly string[] = ['Phi3ForCausalLM', 'PhiMoEForCausalLM', 'NomicBertModel']
