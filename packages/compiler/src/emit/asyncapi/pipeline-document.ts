import { HAPPY_END } from '@asya/protocol'
import type { ActorModel, Model, PipelineModel } from '../../model/model.ts'
import {
  describe,
  makeQueueChannel,
  makeReceive,
  makeSend,
  referToMessages,
  useInput,
} from './actor-document.ts'
import { bindQueue, describeServers, serverReferences } from './broker.ts'
import { makeComponents, type MessageUse } from './components.ts'
import type { AsyncApiDocument, Channel, Info, Operation } from './document.ts'
import { countResults, findSteps } from '../pipeline-steps.ts'
import { toTypeName } from './type-name.ts'

/**
 * A pipeline as a whole, with every edge resolved: for people, for clients that start it and wait for
 * its result, and to compare versions. To a generator it would be one application that does it all.
 */
export function makePipelineDocument(pipeline: PipelineModel, model: Model): AsyncApiDocument {
  const { project } = model
  const steps = findSteps(pipeline, model)
  const result = useResult(pipeline, steps)
  const inputs = steps.map((actor, index) => useInput(actor, listQueues(steps), index))
  const operations = makeOperations(steps, result?.name)
  const messages = keepFirst(result ? [...inputs, result] : inputs)
  return {
    asyncapi: project.asyncapi ?? '3.0.0',
    id: `urn:asya:${encodeURIComponent(project.name)}:pipeline:${pipeline.name}`,
    info: makePipelineInfo(pipeline, steps, project.version),
    defaultContentType: 'application/json',
    servers: describeServers(project.broker),
    channels: {
      ...Object.fromEntries(
        steps.map((actor) => [actor.name, makeQueueChannel(actor, [inputOf(actor)], model)]),
      ),
      ...(result && { [HAPPY_END]: makeEndChannel(pipeline, result.name, model) }),
    },
    operations,
    components: makeComponents(model, messages, operations),
  }
}

const inputOf = (actor: ActorModel): string => useInput(actor, [], 0).name

const listQueues = (steps: readonly ActorModel[]): string[] => steps.map(({ queue }) => queue)

function makePipelineInfo(
  pipeline: PipelineModel,
  steps: readonly ActorModel[],
  version: string,
): Info {
  return {
    title: pipeline.name,
    version,
    ...describe(pipeline),
    tags: [{ name: `pipeline:${pipeline.name}` }],
    'x-pipeline': {
      // Whoever starts it sends to the first queue a message with this route, `current: 0`.
      route: listQueues(steps),
      // Keys of the channels, in the same order.
      steps: pipeline.steps,
      results: countResults(steps),
      ...(pipeline.timeoutMs !== undefined && { timeoutMs: pipeline.timeoutMs }),
    },
    ...(pipeline.deprecated !== undefined && { 'x-deprecated': pipeline.deprecated }),
  }
}

/** What its last step returns; none when that returns nothing. */
function useResult(pipeline: PipelineModel, steps: readonly ActorModel[]): MessageUse | undefined {
  const output = steps.at(-1)?.output
  if (!output) return undefined
  return {
    name: `${toTypeName(pipeline.name)}Result`,
    title: `Result of ${pipeline.name}`,
    payload: output,
    route: { steps: listQueues(steps), current: steps.length },
  }
}

function makeEndChannel(pipeline: PipelineModel, message: string, { project }: Model): Channel {
  return {
    address: HAPPY_END,
    title: `Results of ${pipeline.name}`,
    description:
      'Where every message ends that succeeded. One that ended early (`current` is less than the number of steps) comes as its last step got it, and is no result.',
    servers: serverReferences,
    messages: referToMessages([message]),
    bindings: bindQueue(HAPPY_END, project.broker),
  }
}

function makeOperations(
  steps: readonly ActorModel[],
  result: string | undefined,
): Readonly<Record<string, Operation>> {
  const operations = new Map<string, Operation>()
  for (const [index, actor] of steps.entries()) {
    operations.set(`${actor.name}.receive`, makeReceive(actor, inputOf(actor)))
    const to = findTarget(steps[index + 1], result)
    if (!actor.output || !to) continue
    operations.set(nameSend(actor, to.channel, steps), makeSend(actor, to))
  }
  return Object.fromEntries(operations)
}

function findTarget(next: ActorModel | undefined, result: string | undefined) {
  if (next) return { channel: next.name, message: inputOf(next) }
  return result === undefined ? undefined : { channel: HAPPY_END, message: result }
}

/** `<actor>.send`; with its target behind it where an actor stands at several places of the route. */
function nameSend(actor: ActorModel, target: string, steps: readonly ActorModel[]): string {
  const places = steps.filter(({ name }) => name === actor.name).length
  return places === 1 ? `${actor.name}.send` : `${actor.name}.send.${target}`
}

function keepFirst(uses: readonly MessageUse[]): readonly MessageUse[] {
  return uses.filter(({ name }, index) => uses.findIndex((use) => use.name === name) === index)
}
