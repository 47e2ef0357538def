// What can be asked of a model, and the request that asks for it. Nothing here touches the page.

/**
 * @typedef {object} Values what the form holds; undefined fields are left to the engine
 * @property {string} model
 * @property {string} prompt
 * @property {string} query
 * @property {string} system
 * @property {{role: string, content: string}[]} history
 * @property {Record<string, unknown>} parameters in the API’s own names
 */

const lines = (text) => text.split('\n').filter((line) => line.trim() !== '')

/** What a model can be asked for: words for the form, the path, and the body from the form’s values. */
export const modes = {
  chat: {
    label: 'Chat',
    prompt: 'Message',
    example: 'Hello! What are you?',
    streams: true,
    path: () => '/v1/chat/completions',
    body: ({ model, system, history, prompt, parameters }) => ({
      model,
      messages: [
        ...(system === '' ? [] : [{ role: 'system', content: system }]),
        ...history,
        { role: 'user', content: prompt },
      ],
      ...parameters,
      stream: true,
    }),
  },
  completion: {
    label: 'Completion',
    prompt: 'Text to continue',
    example: 'Once upon a time',
    streams: true,
    path: () => '/v1/completions',
    body: ({ model, prompt, parameters }) => ({ model, prompt, ...parameters, stream: true }),
  },
  embeddings: {
    label: 'Embeddings',
    prompt: 'Texts, one a line',
    example: 'A cat sleeps.\nA kitten naps.\nStocks fell today.',
    path: () => '/v1/embeddings',
    body: ({ model, prompt }) => ({ model, input: lines(prompt) }),
  },
  rerank: {
    label: 'Ranking',
    prompt: 'Documents, one a line',
    example: 'Bread is baked in an oven.\nA lock pins a revision.',
    asksQuery: true,
    path: () => '/v1/rerank',
    body: ({ model, query, prompt }) => ({ model, query, documents: lines(prompt) }),
  },
  classify: {
    label: 'Classification',
    prompt: 'Text',
    example: 'I like this very much.',
    path: ({ model }) => `/models/${model}/predict`,
    body: ({ prompt }) => ({ inputs: prompt }),
  },
}

/** Names of the modes that fit a model, the likeliest first. */
export function modesOf({ task, modelId, spec }) {
  if (spec.maxOutput > 0) return ['chat', 'completion']
  if (task === 'feature-extraction' || task === 'sentence-similarity') return ['embeddings']
  if (task === 'text-ranking') return ['rerank']
  // Rerankers are classifiers to the Hub.
  if (task === 'text-classification') return /rerank/i.test(modelId) ? ['rerank', 'classify'] : ['classify', 'rerank']
  return []
}

/** @param {Values} values @returns {{mode: string, path: string, body: object}} */
export function buildRequest(mode, values) {
  const filled = { ...values, prompt: values.prompt || modes[mode].example, query: values.query || 'What is a lock?' }
  return { mode, path: modes[mode].path(filled), body: modes[mode].body(filled) }
}
