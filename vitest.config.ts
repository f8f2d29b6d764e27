import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // What examples import is the copy under test, built or not.
    alias: [
      { find: /^daruma$/, replacement: source('src/index.ts') },
      { find: /^daruma\/testing$/, replacement: source('src/testing/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/postgres/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Loading the modules anew for each file takes longer than most files do: what a file changes
    // for all, it changes back.
    isolate: false,
    setupFiles: ['test/setup.ts'],
    testTimeout: 10_000,
    hookTimeout: 10_000,
    teardownTimeout: 10_000,
  },
});
