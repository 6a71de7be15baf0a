import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: [`${import.meta.dirname}/../installed/pack.ts`, `${import.meta.dirname}/app.ts`],
    testTimeout: 60_000,
    hookTimeout: 300_000, // installs and builds an app
    fileParallelism: false, // the app's fault server is one for all
  },
});
