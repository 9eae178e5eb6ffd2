import type { ActorModel, Model } from '../../model/model.ts'
import { bindExchange, bindQueue, describeServers, serverReferences } from './broker.ts'
import { makeComponents, type MessageUse } from './components.ts'
import type { AsyncApiDocument, Channel, Info, Operation } from './document.ts'
import { toTypeName } from './type-name.ts'

/**
 * An actor as an application of its own: it receives from its queue, and sends to wherever the
 * message's route says. This is the document for generators, registries and mocks.
 */
export function makeActorDocument(actor: ActorModel, model: Model): AsyncApiDocument {
  const { project } = model
  const input = useInput(actor, [actor.queue], 0)
  const output = useOutput(actor)
  const next = `${actor.name}.next`
  const channels = {
    [actor.name]: makeQueueChannel(actor, [input.name], model),
    ...(output && { [next]: makeNextChannel(actor, output.name, model) }),
  }
  const operations = {
    [`${actor.name}.receive`]: makeReceive(actor, input.name),
    ...(output && {
      [`${actor.name}.send`]: makeSend(actor, { channel: next, message: output.name }),
    }),
  }
  return {
    asyncapi: project.asyncapi ?? '3.0.0',
    id: `urn:asya:${encodeURIComponent(project.name)}:actor:${actor.name}`,
    info: makeActorInfo(actor, project.version),
    defaultContentType: 'application/json',
    servers: describeServers(project.broker),
    channels,
    operations,
    components: makeComponents(model, output ? [input, output] : [input], operations),
  }
}

function makeActorInfo(actor: ActorModel, version: string): Info {
  return {
    title: actor.name,
    version,
    ...describe(actor),
    tags: [{ name: `actor:${actor.name}` }],
    'x-actor': { kind: actor.kind, queue: actor.queue, cardinality: actor.cardinality },
    ...(actor.deprecated !== undefined && { 'x-deprecated': actor.deprecated }),
  }
}

/** The description, with the reason not to use it any more: AsyncAPI has no word for that. */
export function describe(what: {
  readonly description?: string | undefined
  readonly deprecated?: string | undefined
}): { readonly description?: string } {
  const { description, deprecated } = what
  const warning = deprecated === undefined ? undefined : `**Deprecated.** ${deprecated}`.trim()
  const texts = [description, warning].filter((text) => text !== undefined && text !== '')
  return texts.length === 0 ? {} : { description: texts.join('\n\n') }
}

export function useInput(actor: ActorModel, steps: readonly string[], current: number): MessageUse {
  return {
    name: `${toTypeName(actor.name)}Input`,
    title: `Input of ${actor.name}`,
    payload: actor.input,
    route: { steps, current },
  }
}

/** What it sends has its own step behind it. */
function useOutput(actor: ActorModel): MessageUse | undefined {
  if (!actor.output) return undefined
  return {
    name: `${toTypeName(actor.name)}Output`,
    title: `Output of ${actor.name}`,
    payload: actor.output,
    route: { steps: [actor.queue], current: 1 },
  }
}

/** The queue of an actor, which anybody may send to. */
export function makeQueueChannel(
  actor: ActorModel,
  messages: readonly string[],
  { project }: Model,
): Channel {
  return {
    address: actor.queue,
    title: `Queue of ${actor.name}`,
    ...describe(actor),
    servers: serverReferences,
    messages: referToMessages(messages),
    bindings: bindQueue(actor.queue, project.broker),
  }
}

function makeNextChannel(actor: ActorModel, message: string, { project }: Model): Channel {
  return {
    address: null,
    title: `Whatever comes after ${actor.name}`,
    description:
      'The queue `route.steps[route.current]` of the message that is sent; after the last step, `happy-end`.',
    servers: serverReferences,
    messages: referToMessages([message]),
    bindings: bindExchange(project.broker),
    'x-routing-slip': '$message.payload#/route',
  }
}

export function referToMessages(names: readonly string[]): Channel['messages'] {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]))
}

export function makeReceive(actor: ActorModel, message: string): Operation {
  return {
    action: 'receive',
    title: `Receive what ${actor.name} works on`,
    ...describe(actor),
    ...referToChannel(actor.name, message),
    traits: [{ $ref: '#/components/operationTraits/consume' }],
    tags: [{ name: `actor:${actor.name}` }],
  }
}

/** @param to key of the channel, and of its message */
export function makeSend(
  actor: ActorModel,
  to: { readonly channel: string; readonly message: string },
): Operation {
  return {
    action: 'send',
    title: `Send what ${actor.name} returns`,
    ...referToChannel(to.channel, to.message),
    traits: [{ $ref: '#/components/operationTraits/publish' }],
    tags: [{ name: `actor:${actor.name}` }],
    // How many messages follow from one: one, optional (none or one), many.
    'x-cardinality': actor.cardinality,
  }
}

function referToChannel(channel: string, message: string) {
  return {
    channel: { $ref: `#/channels/${channel}` },
    messages: [{ $ref: `#/channels/${channel}/messages/${message}` }],
  }
}
