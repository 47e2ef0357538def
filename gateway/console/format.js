// Numbers as people read them, the same everywhere on the page.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** 12,345 */
export const count = (value) => whole.format(value)
/** 1.2M, for places with little room */
export const roughCount = (value) => (value < 10_000 ? whole.format(value) : short.format(value))

/** 85 ms, 1.24 s, 2 min 5 s */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

export const plural = (number, one) => `${count(number)} ${one}${number === 1 ? '' : 's'}`
