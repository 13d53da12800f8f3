import { defineConfig } from 'vitest/config';

/** Tests that take too much time or memory for every run. */
export default defineConfig({
  // By default Vite leaves out `.cts`.
  oxc: { include: /\.[cm]?ts$/ },
  test: { include: ['test/**/*.soak.ts'] },
});
