import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['node', 'ai-composite-source'] } },
  test: { dir: import.meta.dirname, include: ['**/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 },
});
