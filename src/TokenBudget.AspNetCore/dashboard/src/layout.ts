import { computed, onScopeDispose, ref } from 'vue'

export type Card = 'chart' | 'agents' | 'alerts' | 'budgets' | 'context' | 'cache'

export interface Layout {
  name: 'phone' | 'tablet' | 'desktop' | 'wide'
  /** Bands one below the other; each has columns, and each column its cards. The last card of a column fills it, so that nothing stays empty between cards. */
  bands: Card[][][]
}

// Widest first. What is seen from above to below is also the order of the keyboard and of a screen reader.
const layouts: [string, Layout][] = [
  ['(min-width: 1560px)', { name: 'wide', bands: [[['chart', 'agents'], ['budgets', 'context'], ['cache', 'alerts']]] }],
  ['(min-width: 1060px)', { name: 'desktop', bands: [[['chart', 'agents', 'alerts'], ['budgets', 'cache', 'context']]] }],
  ['(min-width: 720px)', { name: 'tablet', bands: [[['chart']], [['budgets', 'cache'], ['context']], [['agents', 'alerts']]] }],
]
const phone: Layout = { name: 'phone', bands: [[['chart', 'budgets', 'alerts', 'agents', 'context', 'cache']]] }

export function useLayout() {
  const queries = layouts.map(([query]) => window.matchMedia(query))
  const matching = ref(queries.map((query) => query.matches))
  const look = () => (matching.value = queries.map((query) => query.matches))
  queries.forEach((query) => query.addEventListener('change', look))
  onScopeDispose(() => queries.forEach((query) => query.removeEventListener('change', look)))
  return computed(() => layouts[matching.value.indexOf(true)]?.[1] ?? phone)
}
