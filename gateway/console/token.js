// The caller’s token: from the address or a form, kept for this tab alone, never shown and never in the address.

const key = 'slipway.token'
/** Where the browser allows no storage, the token lasts until the page is left. */
let held = null

/** `kept` when there is a token, `forgotten` with a reason when there is none any more. */
export const tokenEvents = new EventTarget()

/** @returns {string | null} */
export function readToken() {
  try {
    return sessionStorage.getItem(key) ?? held
  } catch {
    return held
  }
}

/** @returns {boolean} whether it may be sent as a header */
export function keepToken(text) {
  const token = text.trim().replace(/^bearer\s+/i, '')
  if (!/^[\x21-\x7e]+$/.test(token)) return false
  held = token
  try {
    sessionStorage.setItem(key, token)
  } catch {}
  tokenEvents.dispatchEvent(new Event('kept'))
  return true
}

export function forgetToken(reason = '') {
  held = null
  try {
    sessionStorage.removeItem(key)
  } catch {}
  tokenEvents.dispatchEvent(new CustomEvent('forgotten', { detail: reason }))
}

/** Takes `#token=…` and removes it from the address and the history at once. */
export function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return
  history.replaceState(history.state, '', location.pathname + location.search)
  keepToken(token)
}
