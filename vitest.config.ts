import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Nest reads `design:paramtypes`; without it injected services are undefined.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ['test/**/*.spec.ts'],
    // Every ledger checks its balance after every transition.
    env: { NESTJS_LANGFUSE_AUDIT: '1' },
    // Child processes with real signals share two cores with the workers.
    testTimeout: 20_000,
  },
});
