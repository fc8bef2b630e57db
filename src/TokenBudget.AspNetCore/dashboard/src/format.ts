const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
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
export const bytes = (value: number) =>
  value < 1024 ? `${value} B` : value < 1024 * 1024 ? `${(value / 1024).toFixed(1)} KB` : `${(value / 1024 / 1024).toFixed(1)} MB`
export const clock = (at: string | Date) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
export const moment = (at: string) => {
  const date = new Date(at)
  const sameDay = Math.abs(date.getTime() - Date.now()) < 18 * 3_600_000
  return date.toLocaleString('en-GB', sameDay ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}
export const seconds = (value: number) => (value < 1 ? `${Math.round(value * 1000)} ms` : value < 120 ? `${value.toFixed(1)} s` : `${(value / 60).toFixed(1)} min`)
