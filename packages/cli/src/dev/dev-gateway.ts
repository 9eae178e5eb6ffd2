import { decodeToolCatalog } from '@asya/protocol'
import { createLogger } from '@asya/service/logger'
import type { Transport } from '@asya/transport'
import { Gateway, toGatewayTools } from '@asya/gateway'
import { startPostgres } from '@asya/gateway/postgres'
import { randomInt } from 'node:crypto'
import { CommandError } from '../errors.ts'
import type { Project } from '../project/load-project.ts'
import type { Closers } from './closers.ts'
import { readLogLine, SELF, type LogBook } from './log-book.ts'

interface Surroundings {
  readonly transport: Transport
  readonly logs: LogBook
  readonly closers: Closers
  /** Where it listens; any free port when it is taken, or not given. */
  readonly port: number | undefined
}

const HOUR_MS = 3_600_000

/** What a dev run offers to callers: a whole gateway, with a PostgreSQL that lives as long as it does. */
export class DevGateway {
  readonly #gateway: Gateway

  private constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** Throws a CommandError when PostgreSQL cannot be had. What it opens is among the closers. */
  static async open(surroundings: Surroundings): Promise<DevGateway> {
    const { closers, port = 0 } = surroundings
    const postgres = await startPostgres({ isDurable: false }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CommandError(`${reason}\nSet ASYA_DATABASE_URL to use a PostgreSQL that is there.`)
    })
    closers.push(() => postgres.close())
    const open = async (listenPort: number): Promise<DevGateway> => {
      const gateway = createGateway(postgres.url, listenPort, surroundings)
      const starting = gateway.start()
      // Who gives up meanwhile waits for the tables: a PostgreSQL that went from under them would be fatal.
      const close = async (): Promise<void> => {
        await starting.catch(() => undefined)
        await gateway.close(0)
      }
      closers.push(close)
      try {
        await starting
      } catch (error) {
        await close()
        throw error
      }
      return new DevGateway(gateway)
    }
    try {
      return await open(port)
    } catch (error) {
      if (port === 0 || !isTaken(error)) throw error
      surroundings.logs.say('warn', `port ${port} is taken: the gateway uses another one`)
      return open(0)
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.#gateway.port}`
  }

  get jobs(): Gateway['jobs'] {
    return this.#gateway.jobs
  }

  /** Offers the project's pipelines that can be run, from now on. */
  offer({ tools, pipelines }: Pick<Project, 'tools' | 'pipelines'>): void {
    const catalog = decodeToolCatalog(tools)
    if (!catalog.ok) throw new Error(`the compiler wrote no catalog: ${catalog.reason}`)
    const runnable = new Set(
      pipelines.filter(({ missing }) => missing.length === 0).map(({ name }) => name),
    )
    const offered = toGatewayTools(catalog.value, { timeoutMs: HOUR_MS })
    this.#gateway.tools.replace(offered.filter(({ name }) => runnable.has(name)))
  }
}

function createGateway(
  databaseUrl: string,
  port: number,
  { transport, logs }: Surroundings,
): Gateway {
  const logger = createLogger({
    level: 'warn',
    write: (line) => logs.add(readLogLine(SELF, line.trimEnd())),
  })
  return new Gateway(
    {
      ...{ databaseUrl, host: '127.0.0.1', port, makeJobId },
      databaseConnections: 5,
      tools: { catalogPath: undefined, configPath: undefined, defaults: { timeoutMs: HOUR_MS } },
      jobs: { retentionMs: 24 * HOUR_MS, silentMs: 60_000 },
      // On a laptop they are its owner's.
      dashboard: { showsPayloads: true },
      limits: { maxBodyBytes: 64 * 1024 * 1024, maxStreams: 1_000 },
      mcp: { syncWaitMs: 25_000, streamWaitMs: HOUR_MS },
    },
    { transport, logger },
  )
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const ID_LENGTH = 8

/** Short enough to be typed; a dev run has some thousands at most. */
function makeJobId(): string {
  return Array.from({ length: ID_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}
