// Cohere's client for JavaScript in the table of clients: its first and its second API.
import { CohereClient, CohereClientV2 } from 'cohere-ai'
import { feature, KEY, run, same, thrown, URL } from './features.mjs'

// The client:
const first = new CohereClient({ environment: `${URL}/stream`, token: KEY })
const second = new CohereClientV2({ environment: `${URL}/stream`, token: KEY })

const asked = { model: 'ranker', query: 'q', documents: ['aa', 'bbbb'] }

feature('rerank', async () => {
  for (const rerank of [(body) => first.rerank(body), (body) => second.rerank(body)])
    same(
      (await rerank(asked)).results.map(({ index }) => index),
      [1, 0],
    )
})

feature('errors', async () => {
  for (const rerank of [(body) => first.rerank(body), (body) => second.rerank(body)])
    same((await thrown(() => rerank({ ...asked, model: 'nobody' }))).statusCode, 404)
})

await run()
