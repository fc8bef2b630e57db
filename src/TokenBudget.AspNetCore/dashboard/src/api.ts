// What the host answers; api/openapi.json is its description. Dollars and tokens are numbers.

export interface TokenCounts { freshInput: number; cacheRead: number; cacheWrite: number; output: number; reasoning: number; total: number }
export interface AgentTokens { agent: string; model: string; requests: number; tokens: TokenCounts }
export interface MethodUse {
  agent: string; method: string; requests: number; savedTokens: number; savedUsd: number; trimmedRequests: number
  newestInputTokens: number; largestInputTokens: number; maxInputTokens: number | null; throttledSeconds: number; overheadSeconds: number
}
export interface SinceStart {
  requests: number; savedTokens: number; savedUsd: number; trimmedRequests: number; throttledSeconds: number; overheadSeconds: number; methods: MethodUse[]
}
export interface RateLimit {
  name: string; requests: number; requestsPerMinute: number | null; inputTokens: number; inputTokensPerMinute: number | null
  outputTokens: number; outputTokensPerMinute: number | null; totalTokens: number; tokensPerMinute: number | null
  open: number; maxConcurrentRequests: number | null; waiting: number; pausedSeconds: number; fullestShare: number; fullestDimension: string | null
}
export interface TokenMetrics { agents: AgentTokens[]; requests: number; tokens: TokenCounts; sinceStart: SinceStart; rateLimits: RateLimit[] }
export interface CacheMetrics {
  hits: number; misses: number; shared: number; hitRate: number | null; entries: number; bytes: number; maxBytes: number; evicted: number
  isSecondLevelPaused: boolean; avoidedRequests: number; avoidedTokens: number; avoidedUsd: number
}
export interface Forecast { usdPerHour: number; usdAtPeriodEnd: number | null; limitReachedAt: string | null }
export interface Budget {
  name: string; period: string; periodStart: string | null; periodEnd: string | null; limitUsd: number | null; approvedUsd: number
  settledUsd: number; reservedUsd: number; isPaused: boolean
  /** Where somebody has paused it; a budget that paused itself at its limit has none. */
  pausedByHand: { at: string; reason: string | null } | null
  forecast: Forecast | null
}
export interface AgentCost { agent: string; model: string; requests: number; costUsd: number; avoidedRequests: number; avoidedUsd: number }
export interface CostMetrics {
  agents: AgentCost[]; totalUsd: number; avoidedUsd: number; budgets: Budget[]; alertPercents: number[]; alertThresholdUsd: number | null
  unwrittenLedgerLines: number; isLedgerFailing: boolean
}
export interface Overview { at: string; tokens: TokenMetrics; cache: CacheMetrics; costs: CostMetrics }
export interface LimitSample { name: string; inputTokens: number; outputTokens: number; waiting: number }
export interface Sample { at: string; limits: LimitSample[] }
export type Severity = 'info' | 'warning' | 'critical'
export interface Alert {
  id: string; kind: string; severity: Severity; at: string; text: string; until?: string | null
  budget?: { name: string; thresholdUsd: number | null } | null; rateLimit?: { name: string } | null
}

/** Addresses are relative to the page, which may be mapped under a prefix. */
export const addressOf = (path: string) => new URL('api/' + path, document.baseURI)

async function answerOf<T>(response: Response): Promise<T> {
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as { detail?: string } | null
    throw new Error(problem?.detail ?? `The host answered ${response.status}.`)
  }
  return (await response.json()) as T
}

export const read = async <T>(path: string) => answerOf<T>(await fetch(addressOf(path), { headers: { accept: 'application/json' } }))

/** A change of state: the header is one no page of another site can send. */
export const change = async <T>(path: string) => answerOf<T>(await fetch(addressOf(path), { method: 'POST', headers: { 'x-tokenbudget': '1' } }))
