import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { emitAll, openProject } from '@asya/compiler'
import { parse } from 'yaml'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))

interface Resource {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

/** The resources of all examples, as a build makes them: each with the name of example and actor. */
export function readExamples(): readonly (readonly [name: string, resource: object])[] {
  const projects = readdirSync(EXAMPLES).filter((name) =>
    existsSync(`${EXAMPLES}/${name}/package.json`),
  )
  return projects.flatMap((project) => {
    const { model, problems } = openProject({ projectDir: `${EXAMPLES}/${project}` }).read()
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new Error(`${project} does not build: ${JSON.stringify(errors)}`)
    const resources = emitAll(model)
      .filter(({ path }) => path.startsWith('kubernetes/'))
      .map(({ content }) => parse(content, { version: '1.1' }) as Resource)
      .filter(({ kind }) => kind === 'AsyncActor')
    if (resources.length === 0) throw new Error(`${project} has no AsyncActor`)
    return resources.map((resource) => [`${project}/${resource.metadata.name}`, resource] as const)
  })
}
