import { computed, ref } from 'vue'

/** The first of a list, and all of it where somebody asks. */
export function useShortened<T>(list: () => T[], most: number) {
  const all = ref(false)
  const shown = computed(() => (all.value ? list() : list().slice(0, most)))
  const more = computed(() => Math.max(0, list().length - most))
  return { all, shown, more }
}
