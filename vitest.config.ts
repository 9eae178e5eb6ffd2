import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const conditions = ['source', 'module', 'node', 'development|production']

const ROOT = import.meta.dirname

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

/** The long ones that mostly wait, for timers and for brokers. */
const waiting = [
  'packages/transport/src/rabbitmq/rabbitmq-transport.test.ts',
  'packages/transport/src/rabbitmq/rabbitmq.test.ts',
  'packages/operator/src/operator.test.ts',
  'packages/gateway/src/http/limits.test.ts',
  'e2e/conformance.test.ts',
  'packages/gateway/src/mcp/conformance/conformance.test.ts',
  'e2e/rabbitmq/pods.test.ts',
  'packages/transport/src/rabbitmq/broker-faults.test.ts',
  'packages/transport/src/rabbitmq/broker/private-server.test.ts',
  'packages/runtime-node/src/supervisor.test.ts',
  'e2e/python-faults.test.ts',
  'e2e/faults.test.ts',
  'packages/sidecar/src/exit-when-idle.test.ts',
  'e2e/exit-when-idle.test.ts',
]

/** The long ones that mostly compute. */
const computing = [
  'packages/gateway/src/http/attacks.test.ts',
  'e2e/docs.test.ts',
  'packages/cli/src/main.test.ts',
  'packages/gateway/src/dashboard/dashboard.test.ts',
  'packages/cli/src/dev/dev-run.test.ts',
  'packages/create-asya/src/main.test.ts',
  'e2e/build.test.ts',
]

for (const path of [...waiting, ...computing])
  if (!existsSync(join(ROOT, path)))
    throw new Error(`vitest.config.ts names ${path}, which is gone`)

/** So many of those that are not long go with one that waits, when no other long one is left. */
const SHORT_IN_TURN = 5

/**
 * Begins with the long files, one that waits and one that computes in turn, so that the processors are
 * neither fought for nor left alone; the many short ones at the end have all workers end together.
 * They stand by their projects, for a worker, with the modules that it has loaded, is of one project.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => PROJECTS.indexOf(project.name)
    const sorted = (await super.sort(files)).sort((one, other) => rank(one) - rank(other))
    const takeOut = (paths: readonly string[]): TestSpecification[] =>
      paths.flatMap((path) => {
        const at = sorted.findIndex(({ moduleId }) => relative(ROOT, moduleId) === path)
        return at === -1 ? [] : sorted.splice(at, 1)
      })
    const [waitingFiles, computingFiles] = [takeOut(waiting), takeOut(computing)]
    const inTurn = waitingFiles.flatMap((file) => {
      const other = computingFiles.splice(0, 1)
      return [file, ...(other.length > 0 ? other : sorted.splice(0, SHORT_IN_TURN))]
    })
    return [...inTurn, ...computingFiles, ...sorted]
  }
}

const PROJECTS = ['postgres', 'rabbitmq', 'examples', 'plain']

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
