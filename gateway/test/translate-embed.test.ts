// Vectors and similarity as pure functions: each shape to both kinds of engine, and back.
import { assert, describe } from '../../test/spec.ts'
import { answered, isBroken, refuses, sent } from './translate-pooling.ts'

const vectors = (...rows: [index: number, embedding: number[]][]) => ({
  object: 'list',
  data: rows.map(([index, embedding]) => ({ object: 'embedding', index, embedding })),
  usage: { prompt_tokens: 5, total_tokens: 5 },
})

describe('translation of feature extraction', (test) => {
  const options = { normalize: true, truncate: true, truncation_direction: 'Left', dimensions: 2 }

  test('calls each engine in its own words', () => {
    assert.equal(sent('embed', 'tei', { inputs: 'é', prompt_name: 'query', ...options }), {
      path: '/embed',
      body: { inputs: 'é', prompt_name: 'query', ...options, truncation_direction: 'left' },
    })
    assert.equal(sent('embed', 'tei', { inputs: ['a'], truncate: false, normalize: null, parameters: null }), {
      path: '/embed',
      body: { inputs: ['a'], truncate: false },
    })
    assert.equal(sent('embed', 'openai', { inputs: ['é', 'b'], ...options }), {
      path: '/v1/embeddings',
      body: {
        model: 'small',
        input: ['é', 'b'],
        encoding_format: 'float',
        truncate_prompt_tokens: -1,
        truncation_side: 'left',
        dimensions: 2,
        use_activation: true,
      },
    })
    const raw = sent('embed', 'openai', { inputs: 'a', normalize: false }).body as Record<string, unknown>
    assert.is(raw.use_activation, false)
    assert.is('truncation_side' in raw, false)
  })

  test('answers vectors in the order of the texts', () => {
    const inputs = ['a', 'b']
    assert.equal(answered('embed', 'openai', { inputs }, vectors([1, [3, 4]], [0, [0.5, 1]])), [
      [0.5, 1],
      [3, 4],
    ])
    assert.equal(answered('embed', 'openai', { inputs, normalize: true }, vectors([0, [3, 4]], [1, [0, 0]])), [
      [0.6, 0.8],
      [0, 0],
    ])
    assert.equal(answered('embed', 'tei', { inputs: 'a' }, [[3, 4]]), [[3, 4]])
  })

  test('refuses bad input by name', () => {
    refuses('embed', [
      ['tei', {}, 'inputs'],
      ['tei', { inputs: [] }, 'inputs'],
      ['openai', { inputs: ['a', 7] }, 'inputs'],
      ['tei', { inputs: 'a', normalize: 'yes' }, 'normalize'],
      ['openai', { inputs: 'a', prompt_name: 'query' }, 'prompt_name'],
      ['tei', { inputs: 'a', prompt_name: 7 }, 'prompt_name'],
      ['openai', { inputs: 'a', dimensions: 0 }, 'dimensions'],
      ['openai', { inputs: 'a', truncation_direction: 'up' }, 'truncation_direction'],
      ['openai', { inputs: 'a', pooling: 'mean' }, 'pooling'],
      ['tei', { inputs: 'a', constructor: 1 }, 'constructor'],
    ])
  })

  test('takes no broken answer for an answer', () => {
    const inputs = ['a', 'b']
    isBroken('embed', 'tei', { inputs }, [[[1]], [[1], []], [[1], ['SECRET']], [[1], null]])
    isBroken('embed', 'openai', { inputs }, [
      vectors([0, [1]]),
      vectors([0, [1]], [0, [1]]),
      vectors([1, [1]], [1, [1]]),
      vectors([0, [1]], [2, [1]]),
      vectors([0, [1]], [-1, [1]]),
      vectors([0, [1]], [1, [1]], [2, [1]]),
      { data: [{ index: 0, embedding: 'SECRET' }] },
    ])
  })
})

describe('translation of sentence similarity', (test) => {
  const inputs = { source_sentence: 'ä', sentences: ['b', 'c'] }

  test('calls each engine in its own words, from the URL of an embedding model too', () => {
    for (const shape of ['embed', 'similarity'] as const) {
      assert.equal(sent(shape, 'tei', { inputs, parameters: { truncate: true, prompt_name: 'query' } }), {
        path: '/similarity',
        body: { inputs, parameters: { truncate: true, prompt_name: 'query' } },
      })
      assert.equal(sent(shape, 'openai', { inputs, parameters: {} }), {
        path: '/v1/embeddings',
        body: { model: 'small', input: ['ä', 'b', 'c'], encoding_format: 'float' },
      })
    }
    assert.is(sent('similarity', 'tei', { inputs: 'a' }).path, '/embed')
  })

  test('answers one number for each sentence; a vector of zeros is like nothing', () => {
    const engine = vectors([2, [0, 0]], [0, [1, 0]], [1, [3, 4]])
    assert.equal(answered('similarity', 'openai', { inputs }, engine), [0.6, 0])
    assert.equal(answered('similarity', 'tei', { inputs }, [0.25, -0.5]), [0.25, -0.5])
  })

  test('refuses bad input by name', () => {
    refuses('similarity', [
      ['tei', { inputs: {} }, 'source_sentence'],
      ['tei', { inputs: { source_sentence: 'a' } }, 'sentences'],
      ['tei', { inputs: { source_sentence: 'a', sentences: [] } }, 'sentences'],
      ['openai', { inputs: { ...inputs, metric: 'dot' } }, 'metric'],
      ['openai', { inputs, parameters: { prompt_name: 'query' } }, 'prompt_name'],
      ['openai', { inputs, parameters: 7 }, 'parameters'],
      ['tei', { inputs, parameters: { top: 1 } }, 'top'],
    ])
  })

  test('takes no broken answer for an answer', () => {
    isBroken('similarity', 'tei', { inputs }, [[0.5], [0.5, 'SECRET'], [0.5, 0.5, 0.5]])
    isBroken('similarity', 'openai', { inputs }, [
      vectors([0, [1]], [1, [1]]),
      vectors([0, [1]], [1, [1]], [2, [1, 2]]),
    ])
  })
})
