import { connect } from 'amqplib'
import { decodeMessage } from '@asya/protocol'
import type { JobSystem } from './job-system.ts'
import type { Trial } from './trial.ts'

/** Where jobs go that no sidecar serves. */
export function declareWork(trial: Trial): Promise<string> {
  const queue = trial.queueOf('work')
  trial.addQueue(queue)
  return trial.client.onChannel(async (channel) => {
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    await channel.bindQueue(queue, trial.names.exchange, queue)
    return queue
  })
}

/** Serves jobs in the place of sidecars: it reports some progress and an end, and counts copies. */
export async function serveJobs(trial: Trial, system: JobSystem, queue: string): Promise<void> {
  const model = await connect(`${trial.broker.url}?heartbeat=0`, { noDelay: true })
  model.on('error', () => undefined)
  trial.closeAtEnd(() => model.close().catch(() => undefined))
  const channel = await model.createChannel()
  await channel.prefetch(32)
  const served = new Set<string>()
  const serve = async (jobId: string): Promise<void> => {
    for (let percent = 0; percent <= 50; percent += 25)
      await system.report(`/jobs/${jobId}/progress`, progressOf(queue, percent))
    const status = await system.report(`/jobs/${jobId}/final`, {
      status: 'succeeded',
      result: jobId,
    })
    if (status !== 200 && status !== 410) trial.ledger.remark(`a final was answered ${status}`)
  }
  await channel.consume(queue, (delivery) => {
    if (!delivery) return
    const decoded = decodeMessage(delivery.content)
    const jobId = decoded.ok ? decoded.message.jobId : undefined
    if (jobId === undefined) {
      trial.ledger.remark('a message is of no job')
      return
    }
    if (served.has(jobId) && !delivery.fields.redelivered) trial.ledger.noteCopy(jobId)
    served.add(jobId)
    void serve(jobId).then(() => channel.ack(delivery))
  })
}

export function progressOf(step: string, percent: number): object {
  return { step, step_index: 0, total_steps: 1, status: 'processing', percent }
}
