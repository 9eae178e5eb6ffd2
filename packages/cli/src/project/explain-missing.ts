import { toExportName } from '../consume/names.ts'
import type { ProjectPipeline } from './read-manifest.ts'

/** Why a pipeline is not run here although nothing is wrong with it: a step of it is somebody else's. */
export function explainMissing({ name, source, missing }: ProjectPipeline): string {
  const queues = missing.map(({ queue }) => queue).join(', ')
  const whose = missing.length === 1 ? "is somebody else's actor" : "are somebody else's actors"
  const standIns = missing.map(({ name: actor }) => {
    const exported = toExportName(actor)
    return `  export const ${exported}Here = ${exported}.standIn((payload) => …)`
  })
  return (
    `the pipeline ${name} (${source}) cannot be run here: ${queues} ${whose}. To run it all the ` +
    `same, let a file below actors/ export what stands in:\n\n${standIns.join('\n')}`
  )
}
