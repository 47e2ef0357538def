// Addresses of models as they are copied from the Hub's pages, from programs and from other tools.
import { assert, describe } from '../../../test/spec.ts'
import { readAddress } from '../../hub/model-address.ts'

const id = 'Qwen/Qwen3-8B'

describe('readAddress', (test) => {
  const cases: [string, string?][] = [
    [id],
    [` ${id} `],
    [`${id}/`],
    [`${id}@main`, 'main'],
    [`https://huggingface.co/${id}`],
    [`https://huggingface.co/${id}/`],
    [`http://www.huggingface.co/${id}`],
    [`huggingface.co/${id}`],
    [`https://hf.co/${id}`],
    [`hf.co/${id}:Q4_K_M`],
    [`https://huggingface.co/${id}?library=vllm#usage`],
    [`https://huggingface.co/${id}/tree/main`, 'main'],
    [`https://huggingface.co/${id}/tree/v1.0/onnx`, 'v1.0'],
    [`https://huggingface.co/${id}/blob/abc1234/config.json`, 'abc1234'],
    [`https://huggingface.co/${id}/resolve/main/model.safetensors?download=true`, 'main'],
    [`https://huggingface.co/${id}/commit/${'a1'.repeat(20)}`, 'a1'.repeat(20)],
    [`https://huggingface.co/${id}/tree/refs%2Fpr%2F3`, 'refs/pr/3'],
    [`https://huggingface.co/${id}/tree/refs/pr/3`, 'refs/pr/3'],
    [`https://huggingface.co/${id}/discussions/12`],
    [`https://huggingface.co/api/models/${id}`],
    [`https://huggingface.co/models/${id}`],
    [`https://huggingface.co/${id}.git`],
    [`git@hf.co:${id}`],
    [`hf://${id}@v2`, 'v2'],
    [`http://127.0.0.1:8000/${id}/tree/main`, 'main'],
  ]
  for (const [text, revision] of cases) {
    test(`${text} is ${id}${revision === undefined ? '' : ` at ${revision}`}`, () => {
      assert.equal(readAddress(text, '127.0.0.1:8000'), revision === undefined ? { id } : { id, revision })
    })
  }

  const wrong: [string, RegExp][] = [
    ['https://huggingface.co/datasets/allenai/c4', /is a dataset, not a model/],
    ['datasets/allenai/c4', /is a dataset/],
    ['https://hf.co/spaces/owner/app', /is a Space, not a model/],
    ['https://huggingface.co/collections/Qwen/qwen3-67dd', /is a collection/],
    ['https://huggingface.co/Qwen', /is no model/],
    ['gpt2', /is no model/],
    ['', /is no model/],
    ['Qwen/Qwen3 8B', /is no model/],
    ['https://example.com/Qwen/Qwen3-8B', /is no address of the Hub/],
    ['https://huggingface.co/%E0%A4%A/x', /is no model/],
  ]
  for (const [text, reason] of wrong) {
    test(`${text === '' ? 'nothing' : text} is none`, () => {
      const found = readAddress(text)
      assert.ok('reason' in found, JSON.stringify(found))
      assert.match('reason' in found ? found.reason : '', reason)
    })
  }
})
