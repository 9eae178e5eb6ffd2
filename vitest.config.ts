import { defineConfig } from 'vitest/config'

const conditions = ['source', 'module', 'node', 'development|production']

export default defineConfig({
  // The packages of this repository are tested as they are written, not as they were last built.
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/**/src/**/*.test.ts',
      'examples/**/*.test.ts',
      'asyncapi/**/*.test.ts',
      'e2e/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/build/**'],
    environment: 'node',
    pool: 'forks',
    reporters: ['tree', './scripts/tally-reporter.mjs'],
    typecheck: {
      enabled: true,
      include: ['packages/**/src/**/*.test-d.ts'],
      tsconfig: 'tsconfig.test-d.json',
    },
  },
})
