import { defineConfig } from 'vitest/config';

export default defineConfig({
  // With this condition the package's own name means its sources, so tests import it as a user does and need no build.
  // vitest hands it to its workers too, so `process.execArgv` carries it on to a program that a test starts.
  ssr: { resolve: { conditions: ['node', 'ai-composite-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Scripts of their own.
    exclude: ['**/node_modules/**', 'test/{bench,installed,services,next,ledger-page}/**'],
    setupFiles: ['test/load-engine.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
    execArgv: ['--expose-gc'], // leak tests call gc()
    maxWorkers: 2,
    testTimeout: 30_000, // catches what hangs; a busy machine is no failure
  },
});
