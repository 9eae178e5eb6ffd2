import type { ActorModel } from '../../model/model.ts'
import type { ProjectSettings } from '../../model/settings.ts'

/**
 * The image of an actor: the one that it names, else `<registry>/<actor>:<tag>`. Without a tag the
 * project's version is one (in which a tag takes no `+`): a tag that says nothing, such as `latest`,
 * would never make Kubernetes start a new one.
 */
export function nameImage(actor: ActorModel, project: ProjectSettings): string {
  if (actor.settings.image !== undefined) return actor.settings.image
  const { registry, tag = project.version.replaceAll(/[^-.\w]/g, '_') } = project.image ?? {}
  return `${registry === undefined ? '' : `${registry}/`}${actor.name}:${tag}`
}
