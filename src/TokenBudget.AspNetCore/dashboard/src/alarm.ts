import type { Alert, Overview } from './api'

type State = (alert: Alert, overview: Overview) => boolean

const limitOf = (alert: Alert, overview: Overview) => overview.tokens.rateLimits.find((limit) => limit.name === alert.rateLimit?.name)
const budgetOf = (alert: Alert, overview: Overview) => overview.costs.budgets.find((budget) => budget.name === alert.budget?.name)

// Kinds that tell of something that ends by itself or by somebody's hand, and how the numbers show it.
const stillHolds: Record<string, State> = {
  budgetPaused: (alert, overview) => budgetOf(alert, overview)?.isPaused ?? false,
  // A new period begins at nothing.
  budgetThreshold: (alert, overview) => (budgetOf(alert, overview)?.settledUsd ?? 0) >= (alert.budget?.thresholdUsd ?? 0),
  ledgerFailing: (_, overview) => overview.costs.isLedgerFailing,
  cacheSecondLevelPaused: (_, overview) => overview.cache.isSecondLevelPaused,
  // The host's own line: it tells again only after the limit was below it.
  rateLimitNear: (alert, overview) => (limitOf(alert, overview)?.fullestShare ?? 0) >= 0.7,
  rateLimitQueueFull: (alert, overview) => (limitOf(alert, overview)?.waiting ?? 0) > 0,
  rateLimitPaused: (alert, overview) => (limitOf(alert, overview)?.pausedSeconds ?? 0) > 0,
}

// One alert that ends another, where no number shows it.
const endedBy: Record<string, string> = { sharedLimitsBack: 'sharedLimitsAway' }

/** Whether numbers of the same time or later show that what an alert tells of is over. */
export function isOver(alert: Alert, overview: Overview): boolean {
  const now = new Date(overview.at)
  if (now < new Date(alert.at)) return false
  return (alert.until != null && new Date(alert.until) <= now) || stillHolds[alert.kind]?.(alert, overview) === false
}

export const ends = (newer: Alert, older: Alert) => endedBy[newer.kind] === older.kind
