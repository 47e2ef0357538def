// Headers that gateway and edge have in common: of every answer, so that both lanes and a direct connection look alike, and the one by
// which the gateway knows the edge.

/** Carries the origin secret, which only the edge sends. */
export const originHeader = 'x-origin-verify'

/** In which callers send a token or a key: Authorization, and Anthropic’s clients their own. */
export const credentialHeaders = ['authorization', 'x-api-key'] as const

export const securityHeaders = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const

/** The same as a flat list of names and values. */
export const securityHeaderList: readonly string[] = Object.entries(securityHeaders).flat()

/** Answer headers that scripts of other origins may read. */
export const exposedHeaders =
  'x-request-id, request-id, retry-after, retry-after-ms, x-should-retry, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens'

export const corsMaxAgeSeconds = 600
export const corsMethods = 'GET, POST, OPTIONS'
/**
 * By name, since `*` does not cover Authorization and not every edge takes both. OpenAI’s and Anthropic’s clients say of themselves
 * what x-stainless-… means; without these a browser sends nothing of theirs.
 */
export const corsRequestHeaders = [
  'authorization, content-type, x-request-id, x-session-id, x-scale-up-timeout, x-api-key, user-agent, idempotency-key',
  'openai-organization, openai-project, openai-beta',
  'anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access',
  'x-stainless-arch, x-stainless-helper, x-stainless-helper-method, x-stainless-lang, x-stainless-os, x-stainless-package-version',
  'x-stainless-poll-helper, x-stainless-retry-count, x-stainless-runtime, x-stainless-runtime-version, x-stainless-timeout',
].join(', ')
