// Labels and ranks as pure functions: each shape to both kinds of engine, and back.
import { assert, describe } from '../../test/spec.ts'
import { answered, isBroken, refuses, sent } from './translate-pooling.ts'

describe('translation of text classification', (test) => {
  const labels = [
    { label: 'sad', score: 0.2 },
    { label: 'Glück', score: 0.7 },
    { label: 'ill', score: 0.1 },
  ]
  const row = { index: 0, label: 'Glück', probs: [0.2, 0.7, 0.1], num_classes: 3 }

  test('calls each engine in its own words', () => {
    const body = { inputs: 'ß', parameters: { top_k: 2, function_to_apply: 'none' }, truncate: true }
    assert.equal(sent('classification', 'tei', body), {
      path: '/predict',
      body: { inputs: 'ß', raw_scores: true, truncate: true },
    })
    assert.equal(sent('classification', 'openai', body), {
      path: '/classify',
      body: {
        model: 'small',
        input: 'ß',
        truncate_prompt_tokens: -1,
        truncation_side: 'right',
        use_activation: false,
      },
    })
  })

  test('answers the best labels first, as many as were asked for', () => {
    const two = { inputs: 'a', parameters: { top_k: 2 } }
    const best = [{ label: 'Glück', score: 0.7 }]
    assert.equal(answered('classification', 'tei', two, labels), [[...best, { label: 'sad', score: 0.2 }]])
    assert.equal(answered('classification', 'openai', two, { data: [row] }), [
      [...best, { label: 'LABEL_0', score: 0.2 }],
    ])
    const all = answered('classification', 'tei', { inputs: 'a' }, labels) as unknown[][]
    assert.is(all[0]?.length, 3)
  })

  test('refuses bad input by name', () => {
    refuses('classification', [
      ['tei', { inputs: ['a'] }, 'inputs'],
      ['tei', { inputs: 'a', parameters: { top_k: 0 } }, 'top_k'],
      ['openai', { inputs: 'a', parameters: { function_to_apply: 'softmax' } }, 'function_to_apply'],
      ['openai', { inputs: 'a', parameters: { labels: [] } }, 'labels'],
      ['tei', { inputs: 'a', raw_scores: 1 }, 'raw_scores'],
    ])
  })

  test('takes no broken answer for an answer', () => {
    isBroken('classification', 'tei', { inputs: 'a' }, [[{ score: 1 }], [{ label: 'SECRET' }], [['SECRET']]])
    isBroken('classification', 'openai', { inputs: 'a' }, [
      { data: [] },
      { data: [{ probs: [] }] },
      { data: ['SECRET'] },
    ])
  })
})

describe('translation of reranking', (test) => {
  const texts = ['ä', 'bb', 'c']
  const documents = ['ä', { text: 'bb' }, 'c']
  const tei = [
    { index: 2, score: 0.1 },
    { index: 0, score: 0.5 },
    { index: 1, score: 0.9 },
  ]
  const vllm = {
    id: 'rerank-1',
    model: 'small',
    usage: { prompt_tokens: 9, total_tokens: 9 },
    results: tei.map(({ index, score }) => ({ index, document: { text: 'x' }, relevance_score: score })),
  }

  test('calls each engine in its own words, from the URL of a classifier too', () => {
    for (const shape of ['classification', 'tei-rerank'] as const) {
      const body = { query: 'q', texts, raw_scores: true, truncate: true, return_text: true }
      assert.equal(sent(shape, 'tei', body), {
        path: '/rerank',
        body: { query: 'q', texts, raw_scores: true, truncate: true },
      })
      assert.equal(sent(shape, 'openai', { query: 'q', texts, raw_scores: true }), {
        path: '/v1/rerank',
        body: { model: 'small', query: 'q', documents: texts, use_activation: false },
      })
    }
    assert.equal(sent('cohere-rerank', 'tei', { model: 'alias', query: 'q', documents, top_n: 1 }), {
      path: '/rerank',
      body: { query: 'q', texts },
    })
    assert.equal(sent('cohere-rerank', 'openai', { model: 'alias', query: 'q', documents }), {
      path: '/v1/rerank',
      body: { model: 'small', query: 'q', documents: texts },
    })
  })

  test('answers in the shape of Text Embeddings Inference, best first', () => {
    for (const [api, engine] of [['tei', tei] as const, ['openai', vllm] as const]) {
      assert.equal(answered('tei-rerank', api, { query: 'q', texts, return_text: true }, engine), [
        { index: 1, score: 0.9, text: 'bb' },
        { index: 0, score: 0.5, text: 'ä' },
        { index: 2, score: 0.1, text: 'c' },
      ])
      assert.equal(
        answered(
          'tei-rerank',
          api,
          { query: 'q', texts: ['x'] },
          api === 'tei' ? [{ index: 0, score: 1 }] : { results: [{ index: 0, relevance_score: 1 }] },
        ),
        [{ index: 0, score: 1 }],
      )
    }
  })

  test('answers in Cohere’s shape, best first, with counts when the engine has any', () => {
    const results = [
      { index: 1, relevance_score: 0.9, document: { text: 'bb' } },
      { index: 0, relevance_score: 0.5, document: { text: 'ä' } },
    ]
    const body = { query: 'q', documents, top_n: 2 }
    assert.equal(answered('cohere-rerank', 'tei', body, tei), { model: 'small', results })
    assert.equal(answered('cohere-rerank', 'openai', body, vllm), {
      id: 'rerank-1',
      model: 'small',
      results,
      usage: vllm.usage,
    })
    const bare = answered('cohere-rerank', 'tei', { ...body, top_n: 1, return_documents: false }, tei)
    assert.equal(bare, { model: 'small', results: [{ index: 1, relevance_score: 0.9 }] })
  })

  test('answers Cohere’s second API without documents, with its meta', () => {
    const body = { query: 'q', documents, top_n: 1 }
    const meta = { api_version: { version: '2' }, billed_units: { search_units: 1 } }
    const results = [{ index: 1, relevance_score: 0.9 }]
    assert.equal(sent('cohere-rerank-v2', 'openai', body).path, '/v1/rerank')
    assert.equal(answered('cohere-rerank-v2', 'tei', body, tei), { model: 'small', results, meta })
    const counted = answered('cohere-rerank-v2', 'openai', { ...body, return_documents: true }, vllm)
    assert.equal(counted, {
      id: 'rerank-1',
      model: 'small',
      results: [{ ...results[0], document: { text: 'bb' } }],
      meta,
      usage: vllm.usage,
    })
  })

  test('scores the texts of one query by Text Embeddings Inference, in vLLM’s shape and the order of the texts', () => {
    for (const [left, right] of [
      ['queries', 'documents'],
      ['queries', 'items'],
      ['text_1', 'text_2'],
      ['data_1', 'data_2'],
    ] as const) {
      const body = { model: 'alias', [left]: 'q', [right]: texts }
      assert.equal(sent('score', 'tei', body), { path: '/rerank', body: { query: 'q', texts } })
      assert.equal(answered('score', 'tei', { ...body, [left]: ['q'] }, tei), {
        object: 'list',
        model: 'small',
        data: [0.5, 0.9, 0.1].map((score, index) => ({ index, object: 'score', score })),
      })
    }
    assert.equal(sent('score', 'tei', { text_1: 'q', text_2: 'one' }).body, { query: 'q', texts: ['one'] })
    refuses('score', [
      ['tei', { documents: texts }, 'queries'],
      ['tei', { queries: ['a', 'b'], documents: texts }, 'queries'],
      ['tei', { queries: 'a', documents: [{ content: [] }] }, 'documents'],
      ['tei', { text_1: 'a', text_2: 'b', use_activation: false }, 'use_activation'],
    ])
    isBroken('score', 'tei', { text_1: 'q', text_2: 'a' }, [[], [{ index: 1, score: 1 }]])
  })

  test('refuses bad input by name', () => {
    refuses('tei-rerank', [
      ['tei', { texts }, 'query'],
      ['tei', { query: 'q' }, 'texts'],
      ['tei', { query: 'q', texts, top_n: 1 }, 'top_n'],
      ['openai', { query: 'q', texts, return_text: 'yes' }, 'return_text'],
    ])
    refuses('cohere-rerank', [
      ['tei', { documents }, 'query'],
      ['tei', { query: 'q' }, 'documents'],
      ['tei', { query: 'q', documents: [] }, 'documents'],
      ['openai', { query: 'q', documents: [{ title: 'a' }] }, 'documents'],
      ['openai', { query: 'q', documents, top_n: 0 }, 'top_n'],
      ['openai', { query: 'q', documents, rank_fields: ['a'] }, 'rank_fields'],
    ])
  })

  test('takes no broken answer for an answer', () => {
    const scored = (...indexes: unknown[]) => indexes.map((index) => ({ index, score: 0.5, relevance_score: 0.5 }))
    const wrong = [scored(0, 1), scored(0, 1, 1), scored(0, 1, 3), scored(0, 1, '2'), [{ index: 0, score: 'SECRET' }]]
    isBroken('tei-rerank', 'tei', { query: 'q', texts }, wrong)
    isBroken('cohere-rerank', 'tei', { query: 'q', documents }, wrong)
    const rows = wrong.map((results) => ({ results }))
    isBroken('tei-rerank', 'openai', { query: 'q', texts }, rows)
    isBroken('cohere-rerank', 'openai', { query: 'q', documents }, rows)
  })
})
