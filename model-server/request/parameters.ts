// Every request field of vLLM's two generating routes, and what this server does with it. docs/reference/routes.md shows it.

/** done: as vLLM. harmless: accepted, since leaving it out changes no answer here. refused: a 400 that names it. */
export type Support = 'done' | 'harmless' | 'refused'

export interface Parameter {
  name: string
  routes: 'both' | 'chat' | 'completions'
  support: Support
  /** Values of a refused field that ask for nothing; null and a missing field always do. */
  neutral?: readonly unknown[]
  note: string
}

const done = (name: string, note: string, routes: Parameter['routes'] = 'both'): Parameter => ({
  name,
  routes,
  support: 'done',
  note,
})
const harmless = (name: string, note: string, routes: Parameter['routes'] = 'both'): Parameter => ({
  name,
  routes,
  support: 'harmless',
  note,
})
const refused = (
  name: string,
  neutral: readonly unknown[],
  note: string,
  routes: Parameter['routes'] = 'both',
): Parameter => ({ name, routes, support: 'refused', neutral, note })

export const parameters: readonly Parameter[] = [
  done('model', 'the served name; missing or empty means that one'),
  done('prompt', 'text, texts, token ids, or lists of token ids', 'completions'),
  done('messages', 'through the tokenizer’s chat template; parts of text are joined by a line break', 'chat'),
  done('max_tokens', 'completions: 16 when missing; chat: what the context leaves'),
  done('max_completion_tokens', 'wins over max_tokens', 'chat'),
  done('min_tokens', 'no end-of-text and no stop before'),
  done('n', 'choices per prompt; each takes a place in the queue'),
  done('stream', 'server-sent events, one per token'),
  done('stream_options', 'include_usage, continuous_usage_stats'),
  done('echo', 'the prompt’s text first; not together with logprobs', 'completions'),
  refused('echo', [false], 'repeats the last message', 'chat'),
  done('temperature', '0 to 2; 0 takes the likeliest token'),
  done('top_p', 'above 0, up to 1'),
  done('top_k', '0 and -1 switch it off'),
  done('min_p', '0 to 1'),
  done('seed', 'same seed, same answer, whatever else runs; choice i of n uses seed + i'),
  done('repetition_penalty', 'over prompt and answer'),
  done('presence_penalty', '-2 to 2, over the answer'),
  done('frequency_penalty', '-2 to 2, over the answer'),
  done('logit_bias', 'token id to -100…100; larger values are clamped, as in vLLM'),
  done('logprobs', 'completions: up to 20; chat: true; of the model itself, before penalties and temperature'),
  done('top_logprobs', 'up to 20, with logprobs', 'chat'),
  done('stop', 'text or texts; what may become one is held back in a stream'),
  done('stop_token_ids', 'end the answer; their text stays out of it'),
  done('include_stop_str_in_output', 'leaves the stop text in the answer'),
  done('ignore_eos', 'goes on after end-of-text'),
  done('skip_special_tokens', 'false shows them'),
  done('add_special_tokens', 'completions: true; chat: false, since templates bring their own'),
  done('truncate_prompt_tokens', 'keeps this many tokens; -1 means the context'),
  done('truncation_side', 'left keeps the end and is the default; right keeps the beginning'),
  done('add_generation_prompt', 'false leaves out the header of the answer', 'chat'),
  done('chat_template_kwargs', 'further variables for the template', 'chat'),
  done('documents', 'a variable for the template', 'chat'),
  done('reasoning_effort', 'a variable for the template', 'chat'),
  done('request_id', 'read from the header X-Request-Id alone, as in vLLM'),
  harmless('user', 'who asked changes nothing'),
  harmless('session_id', 'nothing is kept between requests'),
  harmless('cache_salt', 'no prefix is cached, so none can be shared'),
  harmless('length_penalty', 'belongs to beam search'),
  harmless('stream_interval', 'every token is an event'),
  harmless('include_reasoning', 'no reasoning is split off', 'chat'),
  harmless('parallel_tool_calls', 'there are no tool calls', 'chat'),
  harmless('mm_payload', 'there is nothing but text'),
  harmless('return_mm_kwargs', 'there is nothing but text'),
  harmless('routed_experts_prompt_start', 'no routing is reported'),
  refused('suffix', [''], 'text after the gap', 'completions'),
  refused('prompt_embeds', [], 'vectors for a prompt', 'completions'),
  refused('prompt_logprobs', [], 'log probabilities of the prompt'),
  refused('logprob_token_ids', [], 'log probabilities of chosen tokens'),
  refused('allowed_token_ids', [], 'a list of tokens that may come'),
  refused('bad_words', [], 'texts that may not come'),
  refused('spaces_between_special_tokens', [true], 'false joins special tokens'),
  refused('use_beam_search', [false], 'beam search'),
  refused('watermarking', [false], 'a mark in the answer'),
  refused('response_format', [], 'anything but {"type": "text"}'),
  refused('structured_outputs', [], 'a grammar for the answer'),
  refused('tools', [], 'tool calls', 'chat'),
  refused('tool_choice', ['none'], 'tool calls', 'chat'),
  refused('thinking_token_budget', [], 'a limit for reasoning'),
  refused('continue_final_message', [false], 'goes on with the last message', 'chat'),
  refused('chat_template', [], 'a template is a program', 'chat'),
  refused('media_io_kwargs', [], 'images, audio, video', 'chat'),
  refused('mm_processor_kwargs', [], 'images, audio, video', 'chat'),
  refused('priority', [0], 'the queue is first come, first served'),
  refused('return_token_ids', [false], 'token ids in the answer'),
  refused('return_tokens_as_token_ids', [false], 'tokens as token_id:N'),
  refused('return_token_offsets', [false], 'offsets of tokens'),
  refused('return_prompt_text', [false], 'the rendered prompt in the answer', 'chat'),
  refused('kv_transfer_params', [], 'caches of other servers'),
  refused('ec_transfer_params', [], 'caches of other servers'),
  refused('vllm_xargs', [], 'settings of vLLM’s extensions'),
  refused('repetition_detection', [], 'ends answers that repeat themselves'),
]

export const parametersOf = (route: 'chat' | 'completions'): readonly Parameter[] =>
  parameters.filter(({ routes }) => routes === 'both' || routes === route)
