import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const conditions = ['source', 'module', 'node', 'development|production']

const notTests = ['**/node_modules/**', '**/dist/**', '**/build/**']

/** Need a real broker: one is started for all of them, and only if one of them is run. */
const withRabbitmq = ['packages/transport/src/rabbitmq/**/*.test.ts', 'e2e/rabbitmq/**/*.test.ts']

/** Need a real PostgreSQL, in the same way. */
const withPostgres = [
  'packages/gateway/src/**/*.test.ts',
  'packages/cli/src/main.test.ts',
  'packages/cli/src/dev/dev-gateway.test.ts',
  'packages/cli/src/dev/dev-run.test.ts',
]

/** They import eventsource, whose condition `source` names TypeScript, which Node leaves alone there. */
const withMcpClients = {
  deps: { inline: [/@modelcontextprotocol\/(?:client|sdk)/, /eventsource/] },
}

/** They wait for timers and processes, for longer than their size would tell. */
const waiting = ['e2e/', 'packages/operator/src/operator.test.ts', 'packages/create-asya/']

/**
 * Begins with the long files, one that waits for the broker, one for PostgreSQL, and one for processes
 * in turn, so that there is always something to compute; ends with the many short ones, so that all
 * workers end together.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const groups = Map.groupBy(await super.sort(files), ({ project, moduleId }) => {
      if (project.name !== 'plain') return project.name
      const path = relative(import.meta.dirname, moduleId)
      return waiting.some((start) => path.startsWith(start)) ? 'waiting' : 'short'
    })
    const short = groups.get('short') ?? []
    groups.delete('short')
    const long = [...groups.values()]
    const turns = Math.max(0, ...long.map((group) => group.length))
    const inTurn = Array.from({ length: turns }, (_, turn) =>
      long.flatMap((group) => group[turn] ?? []),
    )
    return [...inTurn.flat(), ...short]
  }
}

export default defineConfig({
  // The packages of this repository are tested as they are written, not as they were last built.
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    environment: 'node',
    pool: 'forks',
    // Files share the modules of their process: to load them anew for each costs a quarter of all the time.
    isolate: false,
    setupFiles: ['./scripts/restore-environment.mjs'],
    // Of a test that hangs: properties take seconds of CPU, which noisy machines have not.
    testTimeout: 30_000,
    // Many of the long tests wait for processes: on two cores four at a time take less than three.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    reporters: ['tree', './scripts/tally-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: [
            'packages/**/src/**/*.test.ts',
            'asyncapi/**/*.test.ts',
            'e2e/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: [...notTests, ...withRabbitmq, ...withPostgres],
          typecheck: {
            enabled: true,
            include: ['packages/**/src/**/*.test-d.ts'],
            tsconfig: 'tsconfig.test-d.json',
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'examples',
          include: ['packages/starter/template/tests/*.test.ts', 'examples/**/*.test.ts'],
          exclude: notTests,
          // Their libraries know that they were set up, and their modules do not.
          isolate: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: withPostgres,
          exclude: notTests,
          globalSetup: 'packages/gateway/src/testing/shared-postgres.ts',
          server: withMcpClients,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'rabbitmq',
          include: withRabbitmq,
          exclude: notTests,
          globalSetup: 'packages/transport/src/rabbitmq/testing/shared-broker.ts',
          server: withMcpClients,
          // The broker's control program takes seconds to start where others work too.
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
