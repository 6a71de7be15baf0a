import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: `${import.meta.dirname}/pack.ts`,
    testTimeout: 120_000,
    hookTimeout: 300_000, // installs a project
    maxWorkers: 2,
  },
});
