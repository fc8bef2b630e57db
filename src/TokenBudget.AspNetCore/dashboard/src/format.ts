const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })
const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const fine = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 4 })
const finest = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 })

export const count = (value: number) => whole.format(value)
/** Whole numbers as long as they are short. */
export const tokens = (value: number) => (Math.abs(value) < 1_000_000 ? whole : short).format(value)
export const compact = (value: number) => short.format(value)
/** Cents where dollars count, and as many digits as it takes where cents are too coarse. */
export const usd = (value: number) => {
  const size = Math.abs(value)
  return (size === 0 || size >= 1 ? cents : size >= 0.01 ? fine : finest).format(value)
}
// What is not quite full is not called full.
export const percent = (share: number) => `${share > 0 && share < 0.1 ? (100 * share).toFixed(1) : share > 0.99 && share < 1 ? 99 : Math.round(100 * share)} %`
/** Whole percents that are reached: 79.6 % is not yet the 80 % of a threshold. */
export const reached = (share: number) => (share < 0.1 ? percent(share) : `${Math.floor(100 * share + 1e-7)} %`)
export const bytes = (value: number) => {
  const [amount, unit] = value < 1024 ? [value, 'B'] : value < 1024 * 1024 ? [value / 1024, 'KB'] : [value / 1024 / 1024, 'MB']
  return `${short.format(amount)} ${unit}`
}
export const clock = (at: string | Date) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
/** The day too, where it is not that of now. Now is the host's: its clock need not be the browser's. */
export const moment = (at: string, now: string, withSeconds = false) => {
  const date = new Date(at)
  const day = date.toDateString() === new Date(now).toDateString() ? {} : ({ day: 'numeric', month: 'short' } as const)
  return date.toLocaleString('en-GB', { ...day, hour: '2-digit', minute: '2-digit', ...(withSeconds ? { second: '2-digit' } : {}) })
}
/** A number and what it counts. */
export const plural = (value: number, one: string, many: string) => `${count(value)} ${value === 1 ? one : many}`
export const seconds = (value: number) => (value < 1 ? `${Math.round(value * 1000)} ms` : value < 120 ? `${value.toFixed(1)} s` : `${short.format(value / 60)} min`)
