import { memberOf, type Draft } from './form-draft.ts'
import type { Mistake } from './form-json.ts'
import type { Shape } from './form-shape.ts'
import { fieldId } from './field-props.ts'

interface MistakeListProps {
  readonly mistakes: readonly Mistake[]
  readonly isJson: boolean
  readonly shape: Shape
  readonly draft: Draft
}

/** All mistakes above the form, with links to their fields; in full only where they have no field. */
export function MistakeList({ mistakes, isJson, shape, draft }: MistakeListProps) {
  if (mistakes.length === 0) return null
  return (
    <div class="problem" id="mistakes" role="alert" tabIndex={-1}>
      <ul>
        {mistakes.map((mistake, at) => {
          const { path, text } = mistake
          const name = path.join(' › ')
          const hasField = !isJson && path.length > 0 && isField(path, { shape, draft })
          return (
            <li key={at}>
              <span aria-hidden="true">✗</span>{' '}
              {hasField ? (
                <a href={`#${fieldId(path)}`} onClick={(event) => jump(event, path)}>
                  {name} {text}
                </a>
              ) : (
                `${name} ${text}`.trim()
              )}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function isField(path: readonly string[], at: { shape: Shape; draft: Draft }): boolean {
  let { shape, draft } = at
  for (const name of path) {
    while (shape.kind === 'variant' && draft.kind === 'variant') {
      const option = shape.options[draft.index]
      if (!option) return false
      ;[shape, draft] = [option.shape(), draft.draft]
    }
    if (shape.kind === 'object') {
      const member = shape.members.find((candidate) => candidate.name === name)
      if (!member) return false
      ;[shape, draft] = [member.shape(), memberOf(draft, name)]
    } else if (shape.kind === 'array' && draft.kind === 'array') {
      const item = draft.items[Number(name)]
      if (!item) return false
      ;[shape, draft] = [shape.item(), item]
    } else return false
  }
  return true
}

/** The address belongs to the pages: the browser must not go to the field by it. */
function jump(event: Event, path: readonly string[]): void {
  event.preventDefault()
  document.getElementById(fieldId(path))?.focus()
}
