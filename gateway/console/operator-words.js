// What operators read of numbers and states: how grave a burn rate is, how old a sync is, and why nothing is known.
/** The factors at which alerts notify: 14.4 and 6 wake somebody, 1 can wait for the day. */
const limits = { '1h': [14.4, 'page'], '6h': [6, 'page'], '3d': [1, 'ticket'] }

/** A burn rate of 1 spends the budget of 30 days in 30 days. */
export function burnText(rate, window) {
  if (rate === null) return { text: '–' }
  const [limit, word] = limits[window]
  const text = `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}×`
  if (rate < limit) return { text }
  return { text: `${text} ${word}`, level: word === 'page' ? 'high' : 'middle' }
}

/** 5 min ago: nobody counts the seconds, and rows would be made anew with each of them. */
export function age(at) {
  const minutes = Math.floor((Date.now() - Date.parse(at)) / 60_000)
  if (minutes < 1) return 'just now'
  return minutes < 120 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`
}

export function syncText(lastSync) {
  if (lastSync === null) return { text: 'none today' }
  const text = `${lastSync.phase} ${age(lastSync.at)}`
  return { text, level: lastSync.phase === 'Succeeded' ? undefined : 'high' }
}

export const standingText = (out) => (out === 0 ? 'none out' : `${out} taken out`)

/** Objectives and syncs are Prometheus’s to know. */
export function problemText({ state }) {
  if (state === 'not_configured') return 'Objectives and syncs: this gateway has no Prometheus (PROMETHEUS_URL).'
  if (state === 'unreachable') return 'Objectives and syncs: Prometheus cannot be reached. The gateway’s log says why.'
  return ''
}
