import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '@asya/service/free-ports'
import type { CrashPlan, GatewayCrashStep } from '../programs/crash-points.ts'
import { Supervised } from './supervised.ts'

export interface GatewayProcessOptions {
  /** Sets its files apart from those of other replicas. */
  readonly name: string
  readonly databaseUrl: string
  readonly rabbitmqUrl: string
  readonly exchange: string
  /** What its one tool, `work`, runs. */
  readonly route: readonly string[]
  /** For its log and its tools. */
  readonly folder: string
  /** How the process ends, told how often it was started before; undefined = as built. */
  readonly crashes?: ((incarnation: number) => CrashPlan<GatewayCrashStep> | undefined) | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
}

export const TOOL = 'work'

const GATEWAY = pathOf('../packages/gateway/dist/main.js')
const CRASHING_GATEWAY = pathOf('programs/crashing-gateway.ts')

/** A replica of the gateway as a pod has it: at one address, and started again when it ends. */
export class GatewayProcess {
  readonly url: string
  readonly process: Supervised

  /** Starts it; it answers a while later. */
  static async start(options: GatewayProcessOptions): Promise<GatewayProcess> {
    return new GatewayProcess(options, await findFreePort())
  }

  private constructor(options: GatewayProcessOptions, port: number) {
    const { name, folder, route, crashes } = options
    this.url = `http://127.0.0.1:${port}`
    const toolsPath = join(folder, `${name}.yaml`)
    writeFileSync(toolsPath, JSON.stringify({ tools: [{ name: TOOL, route, parameters: ORDER }] }))
    this.process = new Supervised((incarnation) => {
      const crash = crashes?.(incarnation)
      return {
        script: crash ? [CRASHING_GATEWAY, crash.step, `${crash.occurrence}`] : [GATEWAY],
        logFile: join(folder, `${name}.gateway.log`),
        environment: {
          ...(crash ? { NODE_COMPILE_CACHE: join(folder, 'compiled') } : {}),
          ASYA_DATABASE_URL: options.databaseUrl,
          ASYA_RABBITMQ_URL: options.rabbitmqUrl,
          ASYA_RABBITMQ_EXCHANGE: options.exchange,
          ASYA_GATEWAY_PORT: `${port}`,
          ASYA_CONFIG_PATH: toolsPath,
          ASYA_SHUTDOWN_GRACE: '5s',
          ...options.environment,
        },
      }
    })
  }

  async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(ANSWER_MS) })
      await answer.text()
      return answer.ok
    } catch {
      return false
    }
  }
}

const ANSWER_MS = 8_000

/** The parameters of the tool: an order for its handler (actors/orders.ts), and what no log may hold. */
const ORDER = {
  do: { type: 'string', required: true },
  ms: { type: 'integer' },
  canary: { type: 'string', required: true },
  file: { type: 'string' },
  text: { type: 'string' },
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}
