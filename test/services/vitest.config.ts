import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['node', 'ai-composite-source'] } },
  test: {
    dir: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: `${import.meta.dirname}/install.ts`,
    setupFiles: [`${import.meta.dirname}/../load-engine.ts`],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 1, // servers, and ten processes that use them
  },
});
