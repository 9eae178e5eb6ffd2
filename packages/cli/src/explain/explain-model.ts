import type {
  ActorModel,
  EdgeModel,
  JsonSchema,
  Model,
  PayloadType,
  PipelineModel,
  Position,
} from '@asya/compiler'
import { explainUnknown } from '../suggest.ts'
import { UsageError } from '../errors.ts'
import { describeSchema, listNamed, type SchemaRow } from './describe-schema.ts'
import { listSettings, type SettingView } from './list-settings.ts'

/** What was read of an actor or a pipeline, and what follows from it: plain data. */
export type Explanation = ActorExplanation | PipelineExplanation

export interface ActorExplanation {
  readonly kind: 'actor'
  readonly name: string
  readonly description?: string | undefined
  readonly deprecated?: string | undefined
  readonly handler: ActorModel['kind']
  readonly queue: string
  readonly declared: Position
  readonly exportName: string
  readonly cardinality: ActorModel['cardinality']
  readonly input: PayloadView
  readonly output?: PayloadView | undefined
  /** The named types that input and output are made of. */
  readonly types: readonly TypeView[]
  readonly settings: readonly SettingView[]
  readonly pipelines: readonly {
    readonly name: string
    /** Counted from 1. */
    readonly steps: readonly number[]
  }[]
}

export interface PayloadView {
  readonly typeText: string
  readonly declared?: Position | undefined
  readonly rows: readonly SchemaRow[]
  readonly schema: JsonSchema
}

interface TypeView {
  readonly name: string
  readonly rows: readonly SchemaRow[]
  readonly schema: JsonSchema
}

export interface PipelineExplanation {
  readonly kind: 'pipeline'
  readonly name: string
  readonly description?: string | undefined
  readonly deprecated?: string | undefined
  readonly declared: Position
  readonly exportName: string
  readonly timeoutMs?: number | undefined
  readonly steps: readonly {
    readonly name: string
    readonly takes: string | undefined
    readonly gives: string | undefined
    readonly cardinality: ActorModel['cardinality'] | undefined
  }[]
  readonly edges: readonly EdgeModel[]
}

/**
 * Explains the actor or the pipeline of this name; both, where both have it. Throws a UsageError that
 * suggests near names when there is none.
 */
export function explainModel(model: Model, name: string): Explanation[] {
  const actor = model.actors.find((one) => one.name === name)
  const pipeline = model.pipelines.find((one) => one.name === name)
  if (!actor && !pipeline) {
    const known = [...model.pipelines, ...model.actors].map((one) => one.name)
    throw new UsageError(explainUnknown('actor or pipeline', name, known))
  }
  return [
    ...(pipeline ? [explainPipeline(pipeline, model)] : []),
    ...(actor ? [explainActor(actor, model)] : []),
  ]
}

function explainActor(actor: ActorModel, model: Model): ActorExplanation {
  const { name, description, deprecated, queue, declared, exportName, cardinality } = actor
  const payloads = actor.output ? [actor.input, actor.output] : [actor.input]
  const named = new Set(payloads.flatMap(({ schema }) => listNamed(schema, model.schemas)))
  return {
    kind: 'actor',
    name,
    description,
    deprecated,
    handler: actor.kind,
    queue,
    declared,
    exportName,
    cardinality,
    input: viewPayload(actor.input),
    output: actor.output && viewPayload(actor.output),
    types: [...named].flatMap((type) => {
      const schema = model.schemas[type]
      return schema ? [{ name: type, rows: describeSchema(schema), schema }] : []
    }),
    // Whoever runs it sets its options, and nothing that is said here counts for it.
    settings: actor.kind === 'remote' ? [] : listSettings(actor, model.project),
    pipelines: model.pipelines.flatMap((pipeline) => {
      const steps = pipeline.steps.flatMap((step, index) => (step === name ? [index + 1] : []))
      return steps.length > 0 ? [{ name: pipeline.name, steps }] : []
    }),
  }
}

function viewPayload({ schema, typeText, declared }: PayloadType): PayloadView {
  return { typeText, declared, rows: describeSchema(schema), schema }
}

function explainPipeline(pipeline: PipelineModel, model: Model): PipelineExplanation {
  const { name, description, deprecated, declared, exportName, timeoutMs } = pipeline
  return {
    kind: 'pipeline',
    name,
    description,
    deprecated,
    declared,
    exportName,
    timeoutMs,
    steps: pipeline.steps.map((step) => {
      const actor = model.actors.find((one) => one.name === step)
      return {
        name: step,
        takes: actor?.input.typeText,
        gives: actor?.output?.typeText,
        cardinality: actor?.cardinality,
      }
    }),
    edges: pipeline.edges ?? [],
  }
}
