// What the logs of the web ACLs may hold. Pure.
import { credentialHeaders, originHeader } from '../../gateway/security-headers.ts'

/** Tokens and keys, and at the ALB the secret that the edge adds. */
export const redactedHeaders = [...credentialHeaders, 'cookie', originHeader]

/** In everything that WAF gives away, not only in the log: a rule that finds SQL would write down the words of the prompt. */
export const protectedFields = [
  { action: 'SUBSTITUTION', field: { fieldType: 'BODY' } },
  { action: 'SUBSTITUTION', field: { fieldType: 'QUERY_STRING' } },
  { action: 'SUBSTITUTION', field: { fieldType: 'SINGLE_HEADER', fieldKeys: redactedHeaders } },
]

/** Requests that no rule matched are in the logs of CloudFront and the gateway. */
export const loggedActions = {
  defaultBehavior: 'DROP',
  filters: [
    {
      behavior: 'KEEP',
      requirement: 'MEETS_ANY',
      conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((action) => ({ actionCondition: { action } })),
    },
  ],
}

/** The included size: a longer look at prompts costs a fee and blocks nothing. */
export const inspectedBody = { requestBodies: [{ cloudfront: { defaultSizeInspectionLimit: 'KB_16' } }] }
