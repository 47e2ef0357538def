// A conversation to a prompt, by the template that comes with the tokenizer.
import { Template } from '@huggingface/jinja'
import { badRequest } from '../api-error.ts'
import { UserMistake } from '../user-mistake.ts'
import type { ModelDirectory } from './model-directory.ts'

export interface Conversation {
  messages: readonly Readonly<Record<string, unknown>>[]
  addGenerationPrompt: boolean
  /** Further variables that the request brings. */
  variables: Readonly<Record<string, unknown>>
}

export class ChatTemplate {
  readonly #template: Template
  readonly #specialTokens: Readonly<Record<string, string>>

  /** @throws UserMistake when the template cannot be parsed */
  constructor(text: string, specialTokens: Readonly<Record<string, string>>, path: string) {
    this.#specialTokens = specialTokens
    try {
      this.#template = new Template(text)
    } catch (error) {
      throw new UserMistake(`${path}: its chat template cannot be parsed (${(error as Error).message})`)
    }
  }

  /** @throws ApiError 400 when the template refuses the conversation */
  render({ messages, addGenerationPrompt, variables }: Conversation): string {
    try {
      return this.#template.render({
        ...this.#specialTokens,
        ...variables,
        messages,
        tools: null,
        add_generation_prompt: addGenerationPrompt,
      })
    } catch (error) {
      throw badRequest(`The chat template refused the conversation: ${(error as Error).message}`)
    }
  }
}

/** Undefined for a base model, which has none. */
export function chatTemplateOf(
  { path, tokenizerConfig, chatTemplateFile }: ModelDirectory,
  specialTokens: Readonly<Record<string, string>>,
): ChatTemplate | undefined {
  const text = chatTemplateFile ?? templateIn(tokenizerConfig.chat_template)
  return text === undefined ? undefined : new ChatTemplate(text, specialTokens, path)
}

/** One template, or several with names of which one is the default. */
function templateIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  const named = value as { name?: unknown; template?: unknown }[]
  const chosen = named.find(({ name }) => name === 'default') ?? named[0]
  return typeof chosen?.template === 'string' ? chosen.template : undefined
}
