import { HAPPY_END } from '@asya/protocol'
import type { AnyActor } from '../edge-type.ts'
import type { Pipeline } from '../pipeline.ts'
import { isRemoteActor, type RemoteActor, type StandIn } from '../remote-actor.ts'
import { makeFirstMessage, type CallOptions } from './messages.ts'
import type { PipelineRun } from './pipeline-run.ts'
import { Simulation } from './simulation.ts'
import { nameSteps } from './stations.ts'

export interface TestPipelineOptions extends CallOptions {
  /**
   * Names of the steps. Without them a step is called by its actor's `name`, else by its handler's
   * function name in kebab-case, else `step-1`, `step-2`, …
   */
  readonly steps?: readonly string[]
  /** Actors that handlers route to with `ctx.route.replaceAhead`, by the name of their step. */
  readonly otherActors?: Readonly<Record<string, AnyActor>>
  /** One for each remote actor of the pipeline, made with its `standIn`. */
  readonly standIns?: readonly StandIn<never, unknown>[]
}

/**
 * Runs a whole pipeline in this process: routing, fan-outs, retries and the order of the results are
 * decided by the code that decides them in a cluster. Waits between attempts take no time.
 *
 * ```ts
 * const split = defineActor((page: { text: string }) => page.text.split(' '), { name: 'split' })
 * const count = defineActor((word: string) => ({ word, letters: word.length }), { name: 'count' })
 *
 * const run = await testPipeline(definePipeline([split, count]), { text: 'so long' })
 * expect(run.results).toEqual([
 *   { word: 'so', letters: 2 },
 *   { word: 'long', letters: 4 },
 * ])
 * expect(run.trace.map(({ step }) => step)).toEqual(['split', 'count', 'count'])
 * ```
 *
 * @throws TypeError when `payload` does not survive JSON, two actors have one name, or a remote actor
 *   has no stand-in
 */
export async function testPipeline<In, Out>(
  pipeline: Pipeline<In, Out>,
  payload: In,
  options: TestPipelineOptions = {},
): Promise<PipelineRun<Out>> {
  const steps = nameSteps(pipeline.actors, options.steps)
  const actors = new Map(Object.entries(options.otherActors ?? {}))
  for (const [index, actor] of pipeline.actors.entries()) {
    const step = steps[index] ?? ''
    actors.set(step, isRemoteActor(actor) ? findStandIn(actor, step, options.standIns) : actor)
  }
  const simulation = new Simulation(actors, options)
  const message = makeFirstMessage(payload, { steps, current: 0 }, options)
  await simulation.run({ queue: steps[0] ?? HAPPY_END, message })
  return simulation.report<Out>()
}

function findStandIn(
  actor: RemoteActor<never, unknown>,
  step: string,
  standIns: readonly StandIn<never, unknown>[] = [],
): AnyActor {
  const found = standIns.find(({ standsFor }) => standsFor === actor)
  if (found) return found
  const { name } = actor.options
  throw new TypeError(
    `the step ${step} is somebody else's actor, which a test cannot call: give a handler in its ` +
      `place, as { standIns: [${toCamelCase(name)}.standIn((payload) => …)] }`,
  )
}

function toCamelCase(name: string): string {
  return name.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
