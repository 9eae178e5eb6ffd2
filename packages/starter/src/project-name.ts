const NAME = /^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/

/** What is allowed as a project's name: it stands in package.json, image names and documents. */
export const ALLOWED_NAME =
  'at most 50 of a-z, 0-9 and "-", beginning with a letter and not ending with "-"'

export function isProjectName(name: string): boolean {
  return NAME.test(name)
}

/** A name from that of a folder: `My Project` → `my-project`; undefined when nothing is left. */
export function suggestProjectName(folder: string): string | undefined {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 50)
    .replace(/-+$/, '')
  return isProjectName(name) ? name : undefined
}
