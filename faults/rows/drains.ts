import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../harness/row.ts'
import type { Actor } from '../processes/actor.ts'

type Part = 'sidecar' | 'runtime'

/** What a node drain and a scale-in do: both processes are asked to end, and come back elsewhere. */
function drain(first: Part): Row {
  return {
    name: `sigterm-${first}-first`,
    says: `SIGTERM of ${first === 'sidecar' ? 'the sidecar, then its runtime' : 'the runtime, then its sidecar'}, 5 times a trial: nothing fails`,
    trials: { quick: 1, full: 20 },
    run: async (trial) => {
      const actor = await trial.startActor('work')
      const load = trial.load({ messages: 1_500, order: () => ({ do: 'wait', ms: 20 }) })
      for (let count = 0; count < 5; count++) {
        await sleep(trial.random.between(100, 500))
        // An orderly end gives back what it has not finished: no duplicate is allowed for it.
        trial.noteFault(0)
        await endBoth(actor, first, trial.random.between(0, 60))
        await trial.measureRecovery()
      }
      await load
    },
  }
}

async function endBoth(actor: Actor, first: Part, apartMs: number): Promise<void> {
  const parts = [actor[first], first === 'sidecar' ? actor.runtime : actor.sidecar]
  const stopping = parts.map(async (part, index) => {
    await sleep(index * apartMs)
    await part.stop('SIGTERM')
  })
  await Promise.all(stopping)
  for (const part of parts) part.restart()
}

export const DRAIN_ROWS: readonly Row[] = [drain('sidecar'), drain('runtime')]
