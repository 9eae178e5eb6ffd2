/** AsyncAPI documents, as our build and other teams write them. */

/** An actor's own: its input is recursive, its output a discriminated union, fanned out. */
export const CLASSIFY = `asyncapi: 3.0.0
info:
  title: classify
  version: 1.2.0
  tags: [{ name: 'actor:classify' }]
channels:
  classify:
    address: team-b.classify
    messages: { ClassifyInput: { $ref: '#/components/messages/ClassifyInput' } }
  classify.next:
    address: null
    messages: { ClassifyOutput: { $ref: '#/components/messages/ClassifyOutput' } }
operations:
  classify.receive:
    action: receive
    description: Says what a text is.
    channel: { $ref: '#/channels/classify' }
    messages: [{ $ref: '#/channels/classify/messages/ClassifyInput' }]
    tags: [{ name: 'actor:classify' }]
  classify.send:
    action: send
    channel: { $ref: '#/channels/classify.next' }
    messages: [{ $ref: '#/channels/classify.next/messages/ClassifyOutput' }]
    tags: [{ name: 'actor:classify' }]
    x-cardinality: many
components:
  messages:
    ClassifyInput: { name: ClassifyInput, payload: { $ref: '#/components/schemas/ClassifyInputMessage' } }
    ClassifyOutput: { name: ClassifyOutput, payload: { $ref: '#/components/schemas/ClassifyOutputMessage' } }
  schemas:
    MessageRoute:
      type: object
      required: [steps, current]
      properties: { steps: { type: array, items: { type: string } }, current: { type: integer } }
    ClassifyInputMessage:
      type: object
      required: [route, payload]
      properties:
        route: { $ref: '#/components/schemas/MessageRoute' }
        payload: { $ref: '#/components/schemas/DocTree' }
    ClassifyOutputMessage:
      type: object
      required: [route, payload]
      properties:
        route: { $ref: '#/components/schemas/MessageRoute' }
        payload: { $ref: '#/components/schemas/Verdict' }
    DocTree:
      type: object
      required: [text]
      properties:
        text: { type: string, minLength: 1 }
        children: { type: array, items: { $ref: '#/components/schemas/DocTree' } }
        meta: { type: object, additionalProperties: { type: [string, 'null'] } }
    Verdict:
      discriminator: kind
      oneOf: [{ $ref: '#/components/schemas/Spam' }, { $ref: '#/components/schemas/Ham' }]
    Spam:
      type: object
      required: [kind, score]
      properties: { kind: { type: string, const: spam }, score: { type: number, minimum: 0 } }
    Ham:
      type: object
      required: [kind, topic]
      properties: { kind: { type: string, const: ham }, topic: { enum: [work, home] } }
`

/** The types that its author wrote. */
export const CLASSIFY_TYPES = `
export interface DocTree {
  text: string
  children?: DocTree[]
  meta?: Record<string, string | null>
}
export type Verdict = { kind: 'spam'; score: number } | { kind: 'ham'; topic: 'work' | 'home' }
`

/** Of an older version, where to receive is called to be published to. */
export const SCORER_2 = `asyncapi: 2.6.0
info: { title: scorer, version: 3.1.4 }
channels:
  scorer:
    publish:
      operationId: score
      summary: Scores a text.
      message: { $ref: '#/components/messages/ScoreInput' }
  scorer.out:
    subscribe:
      operationId: scored
      message: { $ref: '#/components/messages/Scored' }
components:
  messages:
    ScoreInput: { payload: { $ref: '#/components/schemas/ScoreMessage' } }
    Scored:
      payload:
        type: object
        required: [route, payload]
        properties: { route: { $ref: '#/components/schemas/Route' }, payload: { type: number } }
  schemas:
    Route:
      type: object
      properties: { steps: { type: array, items: { type: string } }, current: { type: integer } }
    ScoreMessage:
      type: object
      required: [route, payload]
      properties:
        route: { $ref: '#/components/schemas/Route' }
        payload: { $ref: '#/components/schemas/Text' }
    Text: { type: object, required: [text], properties: { text: { type: string } } }
`

/** Somebody's queue that knows nothing of routes. */
export const FOREIGN = `asyncapi: 3.0.0
info: { title: orders, version: 1.0.0 }
channels:
  orders:
    address: orders
    messages: { Order: { payload: { type: object, properties: { id: { type: string } } } } }
operations:
  take: { action: receive, channel: { $ref: '#/channels/orders' } }
`

/** A pipeline's: what stands in the envelope of its first and its last channel counts. */
export const TRIAGE = `asyncapi: 3.0.0
info:
  title: triage
  version: 1.0.0
  description: Sorts incoming pages.
  x-pipeline: { route: [read, classify], steps: [read, classify], results: many }
channels:
  read: { address: read, messages: { ReadInput: { $ref: '#/components/messages/ReadInput' } } }
  happy-end: { address: happy-end, messages: { TriageResult: { $ref: '#/components/messages/TriageResult' } } }
operations:
  read.receive: { action: receive, channel: { $ref: '#/channels/read' } }
  classify.send: { action: send, channel: { $ref: '#/channels/happy-end' } }
components:
  messages:
    ReadInput:
      payload:
        type: object
        required: [route, payload]
        properties: { route: { $ref: '#/components/schemas/Route' }, payload: { $ref: '#/components/schemas/Page' } }
    TriageResult:
      payload:
        type: object
        required: [route, payload]
        properties: { route: { $ref: '#/components/schemas/Route' }, payload: { $ref: '#/components/schemas/Job' } }
  schemas:
    Route:
      type: object
      properties: { steps: { type: array, items: { type: string } }, current: { type: integer } }
    Page: { type: object, required: [url], properties: { url: { type: string } } }
    Job: { type: object, required: [label], properties: { label: { enum: [bill, letter] } } }
`
