import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Apart from the root's tests, which do without the packages of this folder. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Nest reads `design:paramtypes`; without it injected services are undefined.
  oxc: {
    decorator: { legacy: true, emitDecoratorMetadata: true },
    // By default Vite leaves out `.cts`.
    include: /\.[cm]?ts$/,
  },
  test: {
    include: ['*.interop.ts'],
    env: { NESTJS_LANGFUSE_AUDIT: '1' },
    testTimeout: 20_000,
  },
});
