import type { Draft } from './form-draft.ts'
import type { Mistake } from './form-json.ts'
import type { Shape } from './form-shape.ts'

/** What every field of a form needs. */
export interface FieldProps<S extends Shape = Shape> {
  readonly shape: S
  readonly draft: Draft
  readonly path: readonly string[]
  readonly label: string
  readonly isRequired: boolean
  readonly mistakes: readonly Mistake[]
  readonly onDraft: (draft: Draft) => void
}

/** The id of the field at a path within the arguments. */
export function fieldId(path: readonly string[]): string {
  return `field-${path.map(encodeURIComponent).join('/')}`
}

/** What is wrong with one field, not with those below it. */
export function mistakesAt(
  mistakes: readonly Mistake[],
  path: readonly string[],
): readonly Mistake[] {
  const key = fieldId(path)
  return mistakes.filter((mistake) => fieldId(mistake.path) === key)
}
