import type { ActorModel, Cardinality, Model, PipelineModel } from '../model/model.ts'

/** Its actors, in order of the route; one that stands in it twice is here twice. */
export function findSteps(pipeline: PipelineModel, model: Model): readonly ActorModel[] {
  return pipeline.steps.map((name) => {
    const actor = model.actors.find((other) => other.name === name)
    if (!actor) throw new Error(`the model has no actor ${name}, a step of ${pipeline.name}`)
    return actor
  })
}

/** How many results a pipeline has: what its steps are, one behind the other. */
export function countResults(steps: readonly ActorModel[]): Cardinality {
  const kinds = new Set(steps.map(({ cardinality }) => cardinality))
  if (kinds.has('none')) return 'none'
  if (kinds.has('many')) return 'many'
  return kinds.has('optional') ? 'optional' : 'one'
}
