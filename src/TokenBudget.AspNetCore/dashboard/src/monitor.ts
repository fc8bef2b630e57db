import { onScopeDispose, reactive } from 'vue'
import { ends, isOver } from './alarm'
import { addressOf, read, type Alert, type Overview, type Sample } from './api'

const PollEvery = 10_000
const KeepSamples = 600
const KeepAlerts = 200
const Retries = [1_000, 2_000, 5_000, 10_000]

export type Connection = 'connecting' | 'live' | 'polling' | 'offline'

export interface ToldAlert extends Alert {
  /** It happened before this page was opened: somebody has seen it, or nobody was to. */
  isOld: boolean
  isOver: boolean
}

export interface Monitor {
  overview: Overview | null
  samples: Sample[]
  /** Newest first. */
  alerts: ToldAlert[]
  connection: Connection
  updatedAt: Date | null
  problem: string | null
}

type Message = { type: 'hello'; heartbeatSeconds: number; replayed: number } | { type: 'heartbeat' } | { type: 'metrics'; metrics: Overview } | ({ type: 'alert' } & Alert)

/** The numbers and the alerts: pushed over a WebSocket, or asked for every 10 seconds while there is none. */
export function useMonitor() {
  const state = reactive<Monitor>({ overview: null, samples: [], alerts: [], connection: 'connecting', updatedAt: null, problem: null })
  let socket: WebSocket | null = null
  let attempts = 0
  let silence = 45_000
  let heard = Date.now()
  let ended = false
  let retry = 0
  let skew = 0
  // What the first connection begins with is of before; what a later one begins with was missed meanwhile, and is news.
  let hasHistory = false
  let oldOnes = 0

  function show(overview: Overview) {
    state.overview = overview
    state.updatedAt = new Date()
    state.problem = null
    for (const alert of state.alerts) alert.isOver ||= isOver(alert, overview)
  }

  function tell(alert: Alert, isOld: boolean) {
    if (state.alerts.some((known) => known.id === alert.id)) return
    for (const older of state.alerts) older.isOver ||= ends(alert, older)
    state.alerts.unshift({ ...alert, isOld, isOver: false })
    state.alerts.length = Math.min(state.alerts.length, KeepAlerts)
  }

  async function refresh() {
    try {
      show(await read<Overview>('metrics'))
    } catch (error) {
      state.problem = error instanceof Error ? error.message : String(error)
      if (state.connection !== 'live') state.connection = 'offline'
    }
  }

  /** Numbers and alerts, where nobody pushes them. */
  async function poll() {
    await refresh()
    if (state.connection === 'live' || state.problem) return
    state.connection = 'polling'
    try {
      const last = state.alerts[0]?.id
      // Asked before the answer: a socket may be there when it comes.
      const areOld = !hasHistory
      const { alerts } = await read<{ alerts: Alert[] }>('alerts' + (last ? '?lastEventId=' + encodeURIComponent(last) : ''))
      alerts.forEach((alert) => tell(alert, areOld))
      hasHistory = true
    } catch {
      // They are asked for again with the next numbers.
    }
  }

  async function loadHistory() {
    try {
      state.samples = (await read<{ samples: Sample[] }>('metrics/history')).samples
      // The newest is a second old at most: more is the difference of two clocks.
      const newest = state.samples.at(-1)
      const difference = newest ? new Date(newest.at).getTime() - Date.now() : 0
      skew = Math.abs(difference) > 2_000 ? difference : 0
    } catch {
      // The chart begins with now.
    }
  }

  function connect() {
    if (ended) return
    const address = addressOf('alerts')
    address.protocol = address.protocol.replace('http', 'ws')
    address.searchParams.set('metrics', 'true')
    const last = state.alerts[0]?.id
    if (last) address.searchParams.set('lastEventId', last)
    socket = new WebSocket(address)
    socket.onmessage = (event) => {
      heard = Date.now()
      const message = JSON.parse(event.data as string) as Message
      if (message.type === 'hello') {
        silence = message.heartbeatSeconds * 2_000 + 5_000
        attempts = 0
        state.connection = 'live'
        state.problem = null
        oldOnes = hasHistory ? 0 : message.replayed
        // The chart's points of the time without a connection.
        if (hasHistory) void loadHistory()
        hasHistory = true
      } else if (message.type === 'metrics') show(message.metrics)
      else if (message.type === 'alert') tell(message, oldOnes-- > 0)
    }
    socket.onclose = () => {
      socket = null
      if (ended) return
      if (state.connection === 'live' || state.connection === 'connecting') {
        state.connection = 'polling'
        void poll()
      }
      retry = window.setTimeout(connect, Retries[Math.min(attempts++, Retries.length - 1)])
    }
  }

  /** Every second a point, so that the chart moves also while nothing happens. */
  function sample() {
    const limits = state.overview?.tokens.rateLimits
    if (limits && state.connection !== 'offline') {
      state.samples.push({ at: new Date(Date.now() + skew).toISOString(), limits: limits.map(({ name, inputTokens, outputTokens, waiting }) => ({ name, inputTokens, outputTokens, waiting })) })
      if (state.samples.length > KeepSamples) state.samples.splice(0, state.samples.length - KeepSamples)
    }
    // A connection that died without a word.
    if (socket?.readyState === WebSocket.OPEN && Date.now() - heard > silence) socket.close()
  }

  void refresh()
  void loadHistory()
  connect()
  const timers = [
    window.setInterval(sample, 1_000),
    window.setInterval(() => {
      if (state.connection !== 'live') void poll()
    }, PollEvery),
  ]
  onScopeDispose(() => {
    ended = true
    timers.forEach(window.clearInterval)
    window.clearTimeout(retry)
    socket?.close()
  })

  return { state, refresh }
}
