import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  // Relative, so that the page works under any prefix the host maps it at: it is at <prefix>/tokenbudget, its files below that.
  base: './',
  plugins: [vue()],
  build: {
    assetsDir: 'tokenbudget',
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
    // Those that know light-dark().
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
  },
  server: {
    // `npm run dev` beside a running host, for example samples/Orchestrator.
    proxy: { '/api': { target: 'http://127.0.0.1:9403', ws: true } },
  },
})
