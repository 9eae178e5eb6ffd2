import { isActorName, nameFromExport } from '@asya/protocol'

/** A name of the document as a type's: letters, digits and `_`, beginning with a letter. */
export function toTypeName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_]+/g, '_')
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`
}

/** `read-page` → `ReadPage` */
export function toPascalCase(name: string): string {
  const camel = toExportName(name)
  return camel.charAt(0).toUpperCase() + camel.slice(1)
}

/** `read-page` → `readPage`; a word of the language gets `Actor` behind it. */
export function toExportName(name: string): string {
  const camel = name.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return KEYWORDS.has(camel) ? `${camel}Actor` : camel
}

/** The name of an actor from whatever it is called elsewhere; undefined when nothing is left. */
export function toActorName(name: string): string | undefined {
  const kebab = nameFromExport(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 50)
    .replace(/-+$/, '')
  return isActorName(kebab) ? kebab : undefined
}

const KEYWORDS = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum ' +
    'eval export extends false finally for function if implements import in instanceof interface ' +
    'let new null package private protected public return static super switch this throw true try ' +
    'typeof var void while with yield remoteActor pythonActor'
  ).split(' '),
)
