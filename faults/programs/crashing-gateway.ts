import { subscribe } from 'node:diagnostics_channel'
import { createLogger } from '@asya/service/logger'
import type { Outgoing, PublishResult, Transport } from '@asya/transport'
import { RabbitmqTransport } from '@asya/transport/rabbitmq'
import { readConfig } from '../../packages/gateway/src/config.ts'
import { Database, type Statement } from '../../packages/gateway/src/database/database.ts'
import { Gateway } from '../../packages/gateway/src/gateway.ts'
import {
  CrashPoints,
  GATEWAY_CRASH_STEPS,
  readPlan,
  type CrashPlan,
  type GatewayCrashStep,
} from './crash-points.ts'

type Points = CrashPoints<GatewayCrashStep>

/** The parts of the gateway's own `main.ts`, with places between them where the process ends. */
async function main(plan: CrashPlan<GatewayCrashStep> | undefined): Promise<void> {
  const points = new CrashPoints(plan)
  const config = readConfig()
  const logger = createLogger({ level: config.logLevel })
  watchStatements(points)
  watchAnswers(points)
  const transport = watchPublishes(new RabbitmqTransport(config.rabbitmq), points)
  const gateway = new Gateway(config.gateway, { transport, logger })
  await gateway.start()
  logger.info({ port: gateway.port, crashes_at: plan?.step }, 'started')
}

/** Of the tables: a job with its message is one statement, and that the message was sent another. */
function watchStatements(points: Points): void {
  const query = Reflect.get(Database.prototype, 'query')
  const watched = async function (this: Database, statement: Statement, values: unknown[]) {
    if (statement.name === 'accept') points.reach('before-commit')
    const running: unknown = Reflect.apply(query, this, [statement, values])
    if (statement.name === 'accept') points.reachInFlight('mid-commit')
    if (statement.name === 'forget_sent') points.reachInFlight('mid-forget')
    const rows = await running
    if (statement.name === 'accept') points.reach('after-commit')
    if (statement.name === 'forget_sent') points.reach('after-forget')
    return rows
  }
  Reflect.set(Database.prototype, 'query', watched)
}

const ACCEPTED = 202

function watchAnswers(points: Points): void {
  subscribe('http.server.response.finish', (message) => {
    const { response } = message as { readonly response: { readonly statusCode: number } }
    if (response.statusCode === ACCEPTED) points.reach('after-answer')
  })
}

function watchPublishes(inner: Transport, points: Points): Transport {
  return {
    maxBodyBytes: inner.maxBodyBytes,
    consume: (queue, options) => inner.consume(queue, options),
    close: () => inner.close(),
    publish: async (outgoing: Outgoing): Promise<PublishResult> => {
      const publishing = inner.publish(outgoing)
      points.reachInFlight('after-publish')
      const result = await publishing
      points.reach('after-confirm')
      return result
    },
  }
}

await main(readPlan(GATEWAY_CRASH_STEPS))
