import { defineConfig } from 'vitest/config';

/** Tests that take too much time or memory for every run. */
export default defineConfig({
  test: { include: ['test/**/*.soak.ts'] },
});
