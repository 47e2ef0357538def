// What the Hub's library throws, in words for people.
import { HubApiError, InvalidApiResponseFormatError } from '@huggingface/hub'
import { HubProblem } from './hub-problem.ts'

/** Answers of the Hub in words for people; what is none of them stays as it is, for then it is a bug of ours. */
export function asProblem(error: unknown, id: string, revision: string, hasToken: boolean): unknown {
  if (error instanceof HubProblem) return error
  if (error instanceof Error && error.cause instanceof HubProblem) return error.cause
  if (error instanceof HubApiError) return apiProblem(error, id, revision, hasToken)
  if (error instanceof InvalidApiResponseFormatError)
    return new HubProblem(
      'answer',
      `what the server answers for ${id} is not the Hub’s protocol: ${error.message}`,
      'is HF_ENDPOINT a Hub? its files must answer range requests',
      { cause: error },
    )
  if (error instanceof Error && error.name === 'SafetensorParseError')
    return new HubProblem(
      'answer',
      `the weights of ${id} cannot be read: ${error.message}`,
      'choose another revision',
      { cause: error },
    )
  return error
}

function apiProblem(error: HubApiError, id: string, revision: string, hasToken: boolean): HubProblem {
  const { statusCode } = error
  const options = { cause: error }
  // Not error.message: that ends with the address, which has `revision` in it. The Hub says "Invalid rev id: main".
  if (statusCode === 404 && /\brev(?:ision)?\b/i.test(String(error.data?.error)))
    return new HubProblem(
      'no-revision',
      `${id} has no revision ${revision}`,
      'npm run lock -- NAME --update takes the newest one',
      options,
    )
  if (statusCode === 404 || (statusCode === 401 && !hasToken))
    return new HubProblem(
      'no-model',
      `the Hub shows no model ${id}`,
      hasToken
        ? 'is the name right, and a model’s, not that of a dataset or a Space? it is case-sensitive: OWNER/NAME'
        : 'is the name right, and a model’s, not that of a dataset or a Space? a private one needs HF_TOKEN',
      options,
    )
  if (statusCode === 401 || statusCode === 403)
    return new HubProblem(
      'gated',
      `the Hub does not let this token read ${id} (${statusCode})`,
      'accept the terms at the model’s page with the account of HF_TOKEN',
      options,
    )
  return new HubProblem('answer', `the Hub answers ${statusCode} for ${id}`, 'is HF_ENDPOINT a Hub?', options)
}
