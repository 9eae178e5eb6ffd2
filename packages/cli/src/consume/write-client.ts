import { existsSync, readFileSync } from 'node:fs'
import type { AsyncApiDocument } from './asyncapi-document.ts'
import type { FoundPipeline } from './find-pipeline.ts'
import { toPascalCase } from './names.ts'
import { quote, TypeWriter, writeDocComment } from './type-writer.ts'
import { writeHeader, type Origin } from './write-remote-actors.ts'

/**
 * A TypeScript module that needs nothing but `fetch`: the types of a pipeline, and the client that
 * this repository tests, under the pipeline's name.
 */
export function writeClient(
  document: AsyncApiDocument,
  pipeline: FoundPipeline,
  origin: Origin,
): string {
  const base = readFileSync(findBase(), 'utf8')
  const name = `${toPascalCase(pipeline.name)}Client`
  const taken = [...base.matchAll(/^(?:export )?(?:class|interface|type|const) (\w+)/gm)]
  const writer = new TypeWriter(document.root, [name, ...taken.flatMap(([, one]) => one ?? [])])
  const own = declareClient(name, pipeline, writer)
  const types = [...(writer.usesJson ? [JSON_TYPE] : []), ...writer.declarations]
  return [writeHeader(document, origin), ...types.map((text) => `${text}\n`), own, base].join('\n')
}

const JSON_TYPE = `/** Any value that JSON can hold. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }`

function declareClient(name: string, pipeline: FoundPipeline, writer: TypeWriter): string {
  const { description, input, result, count } = pipeline
  const inputType = writer.write(input)
  const resultType = result === undefined || count === 'none' ? 'never' : writer.write(result)
  const comment = description === undefined ? [] : description.trim().split('\n')
  const { type, code, says } = describeResult(resultType, count)
  return `${writeDocComment(comment, '')}export class ${name} {
  readonly #client: PipelineClient<${inputType}, ${resultType}>

  constructor(options: ClientOptions) {
    this.#client = new PipelineClient(${quote(pipeline.name)}, options${pipeline.isObject ? '' : ", 'payload'"})
  }

  /** Starts a job. */
  send(input: ${inputType}, options?: SendOptions): Promise<Job> {
    return this.#client.send(input, options)
  }

  /** What happens to a job, up to its end. A connection that breaks is taken up where it was. */
  follow(job: Job, options?: CallOptions): AsyncGenerator<JobUpdate> {
    return this.#client.follow(job, options)
  }

  /** ${says} Waits for its end; throws a PipelineError when it failed. */
  async result(job: Job, options?: CallOptions): Promise<${type}> {
${code}
  }

  /** Ends a job; whoever works on it is told. */
  cancel(job: Job, options?: CallOptions): Promise<void> {
    return this.#client.cancel(job, options)
  }
}
`
}

interface ResultCode {
  readonly type: string
  readonly code: string
  readonly says: string
}

function describeResult(type: string, count: FoundPipeline['count']): ResultCode {
  const take = '    const [result = null] = await this.#client.results(job, options)\n'
  switch (count) {
    case 'none':
      return {
        type: 'void',
        code: '    await this.#client.results(job, options)',
        says: 'A job has no result.',
      }
    case 'optional':
      return {
        type: `${type} | null`,
        code: `${take}    return result`,
        says: 'The result of a job; null when a step ended it early.',
      }
    case 'one':
      return {
        type,
        code: `${take}    if (result === null) throw unexpected(\`the job \${job.id} has no result\`)\n    return result`,
        says: 'The result of a job.',
      }
    case 'many':
      return {
        type: `readonly (${type} | null)[]`,
        code: '    return this.#client.results(job, options)',
        says: 'A result for each branch of a job, in order; null where a step ended it early.',
      }
  }
}

/** Beside this file, or from the bundle in the package's sources. */
function findBase(): URL {
  const beside = new URL('./pipeline-client.ts', import.meta.url)
  return existsSync(beside) ? beside : new URL('../src/consume/pipeline-client.ts', import.meta.url)
}
