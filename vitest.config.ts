import { defineConfig } from 'vitest/config';
import {
  environmentVariables,
  releaseVariables,
} from './lib/options/platform-variables.js';

export default defineConfig({
  // Nest reads `design:paramtypes`; without it injected services are undefined.
  oxc: {
    decorator: { legacy: true, emitDecoratorMetadata: true },
    // By default Vite leaves out `.cts`.
    include: /\.[cm]?ts$/,
  },
  test: {
    include: ['test/**/*.spec.ts'],
    env: {
      // Every ledger checks its balance after every transition.
      NESTJS_LANGFUSE_AUDIT: '1',
      // A developer's proxy is not to see what tests send to loopback.
      ...Object.fromEntries(
        ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']
          .flatMap((name) => [name, name.toLowerCase()])
          .map((name) => [name, '']),
      ),
      // What a CI system says of release and environment is not to be in spans.
      ...Object.fromEntries(
        [...environmentVariables.names, ...releaseVariables.names].map(
          (name) => [name, ''],
        ),
      ),
    },
    // Child processes with real signals share two cores with the workers.
    testTimeout: 20_000,
  },
});
