// A failed call in words: what happened, what can be done, and the code for the person that is asked for help.
import { element } from './element.js'
import { plural } from './format.js'

const titles = {
  0: 'No answer',
  200: 'The answer broke off',
  400: 'The request was refused',
  401: 'The token is not accepted',
  403: 'Not allowed',
  404: 'No such model',
  409: 'The model cannot run here',
  413: 'The request is too large',
  422: 'The model does another task',
  429: 'A limit is reached',
  502: 'The model server failed',
  504: 'It took too long',
}

/** @param {import('./api.js').ApiFailure} failure */
export function failureElement(failure) {
  const { message, status, code, retryAfterSeconds, requestId } = failure
  const again =
    retryAfterSeconds === undefined ? '' : ` Try again in ${plural(Math.ceil(retryAfterSeconds), 'second')}.`
  const codes = [status >= 400 && status, code, requestId && `request ${requestId}`].filter(Boolean).join(' · ')
  return element(
    'div',
    { class: 'failure', role: 'alert' },
    element('strong', {}, titles[status] ?? 'The gateway failed'),
    element('p', {}, (message || 'It gave no reason.') + again),
    element('p', { class: 'codes' }, codes),
  )
}
