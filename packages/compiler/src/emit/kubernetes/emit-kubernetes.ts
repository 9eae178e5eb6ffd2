import { isLabelValue } from '@asya/protocol'
import type { ActorModel, Model } from '../../model/model.ts'
import type { OutputFile } from '../../model/output-file.ts'
import type { ProjectSettings } from '../../model/settings.ts'
import { writeHeader } from '../header.ts'
import { writeYaml } from '../write-yaml.ts'
import { makeAsyncActor } from './async-actor-resource.ts'

const FOLDER = 'kubernetes'

/** An AsyncActor for each actor that is this project's to run, and a kustomization of all of them. */
export function emitKubernetes({ actors, project }: Model): readonly OutputFile[] {
  const own = actors.filter(({ kind }) => kind !== 'remote')
  // kubectl refuses a kustomization without resources.
  if (own.length === 0) return []
  return [...own.map((actor) => emitActor(actor, project)), emitKustomization(own, project)]
}

function emitActor(actor: ActorModel, project: ProjectSettings): OutputFile {
  const lines = [writeHeader([actor.declared.file]), ...describe(actor)]
  return {
    path: `${FOLDER}/${actor.name}.yaml`,
    content: writeComment(lines) + writeYaml(makeAsyncActor(actor, project)),
  }
}

function describe({ description, deprecated }: ActorModel): readonly string[] {
  return [
    ...(description === undefined ? [] : ['', ...description.split('\n')]),
    ...(deprecated === undefined ? [] : ['', `Deprecated: ${deprecated.replaceAll('\n', ' ')}`]),
  ]
}

function emitKustomization(actors: readonly ActorModel[], project: ProjectSettings): OutputFile {
  const label = toLabelValue(project.name)
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: actors.map(({ name }) => `${name}.yaml`).sort(),
    ...(label && { labels: [{ pairs: { 'app.kubernetes.io/part-of': label } }] }),
  }
  const usage = `In the folder of the build: kubectl apply --kustomize ${FOLDER}`
  return {
    path: `${FOLDER}/kustomization.yaml`,
    content: writeComment([writeHeader([]), usage]) + writeYaml(kustomization),
  }
}

/** The project's name, as a label can hold it: `@acme/document-triage` → `document-triage`. */
function toLabelValue(name: string): string | undefined {
  const value = name
    .replace(/^@[^/]*\//, '')
    .replaceAll(/[^-.\w]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[-._]+|[-._]+$/g, '')
  return isLabelValue(value) && value !== '' ? value : undefined
}

function writeComment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}`.trimEnd() + '\n').join('')
}
