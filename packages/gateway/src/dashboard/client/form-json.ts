import { memberOf, type Draft } from './form-draft.ts'
import type { Shape } from './form-shape.ts'

/** What is wrong with a field; `path` names it within the arguments. */
export interface Mistake {
  readonly path: readonly string[]
  readonly text: string
}

export interface Written {
  /** JSON; undefined for a part that is not given. */
  readonly text: string | undefined
  readonly mistakes: readonly Mistake[]
}

const NOT_GIVEN: Written = { text: undefined, mistakes: [] }

interface Where {
  readonly path: readonly string[]
  readonly isRequired: boolean
}

/** Makes JSON of a form, and says what is wrong in it as far as the form can know. */
export function writeDraft(
  shape: Shape,
  draft: Draft,
  where: Where = { path: [], isRequired: true },
): Written {
  switch (draft.kind) {
    case 'absent':
      return where.isRequired ? mistake(where, 'is missing') : NOT_GIVEN
    case 'text':
      return shape.kind === 'text' ? writeText(shape, draft.text, where) : NOT_GIVEN
    case 'number':
      return shape.kind === 'number' ? writeNumber(shape, draft.text.trim(), where) : NOT_GIVEN
    case 'boolean':
      return right(String(draft.value))
    case 'choice': {
      if (shape.kind !== 'choice' || draft.index === undefined) return missing(where)
      return right(JSON.stringify(shape.values[draft.index]))
    }
    case 'json':
      return writeJson(draft.text, where)
    case 'object':
      return writeObject(shape, draft, where)
    case 'array':
      return writeArray(shape, draft.items, where)
    case 'variant': {
      const option = shape.kind === 'variant' ? shape.options[draft.index] : undefined
      return option ? writeDraft(option.shape(), draft.draft, where) : NOT_GIVEN
    }
  }
}

function writeText(shape: Shape & { kind: 'text' }, text: string, where: Where): Written {
  if (text === '') return missing(where)
  // As JSON Schema counts: characters, not halves of them.
  const { length } = Array.from(text)
  if (length < shape.minLength) return mistake(where, `needs ${shape.minLength} characters or more`)
  if (shape.maxLength !== undefined && length > shape.maxLength)
    return mistake(where, `takes ${shape.maxLength} characters at most, and has ${length}`)
  return right(JSON.stringify(text))
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function writeNumber(shape: Shape & { kind: 'number' }, text: string, where: Where): Written {
  if (text === '') return missing(where)
  if (!NUMBER.test(text)) return mistake(where, 'is no number: digits, and a point for fractions')
  const number = Number(text)
  if (shape.isInteger && !Number.isInteger(number)) return mistake(where, 'is no whole number')
  if (shape.min !== undefined && number < shape.min)
    return mistake(where, `must be ${shape.min} or more`)
  if (shape.max !== undefined && number > shape.max)
    return mistake(where, `must be ${shape.max} or less`)
  return right(text)
}

function writeJson(text: string, where: Where): Written {
  if (text.trim() === '') return missing(where)
  const problem = findJsonProblem(text)
  return problem === undefined ? right(text.trim()) : mistake(where, problem)
}

/** Says why a text is no JSON; undefined when it is. */
export function findJsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return `is no JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

function writeObject(shape: Shape, draft: Draft, where: Where): Written {
  if (shape.kind !== 'object') return NOT_GIVEN
  const written = shape.members.map(({ name, isRequired, shape: read }) => {
    const member = writeDraft(read(), memberOf(draft, name), {
      path: [...where.path, name],
      isRequired,
    })
    return { name, ...member }
  })
  const given = written.filter(({ text }) => text !== undefined)
  const members = given.map(({ name, text }) => `${JSON.stringify(name)}:${text ?? 'null'}`)
  return { text: `{${members.join()}}`, mistakes: written.flatMap(({ mistakes }) => mistakes) }
}

function writeArray(shape: Shape, items: readonly Draft[], where: Where): Written {
  if (shape.kind !== 'array') return NOT_GIVEN
  const written = items.map((item, index) =>
    writeDraft(shape.item(), item, { path: [...where.path, String(index)], isRequired: true }),
  )
  const own: Mistake[] = []
  if (items.length < shape.minItems)
    own.push({ path: where.path, text: `needs ${shape.minItems} items or more` })
  if (shape.maxItems !== undefined && items.length > shape.maxItems)
    own.push({ path: where.path, text: `takes ${shape.maxItems} items at most` })
  return {
    text: `[${written.map(({ text }) => text ?? 'null').join()}]`,
    mistakes: [...own, ...written.flatMap(({ mistakes }) => mistakes)],
  }
}

function right(text: string): Written {
  return { text, mistakes: [] }
}

function missing(where: Where): Written {
  return where.isRequired ? mistake(where, 'is missing') : NOT_GIVEN
}

function mistake({ path }: Where, text: string): Written {
  return { text: undefined, mistakes: [{ path, text }] }
}

/**
 * The gateway's own findings, such as `arguments.page.url: must match format "uri"; …`, beside the
 * fields that they name. Paths with dots in their names may be taken apart wrongly: such a mistake then
 * stands above the form.
 */
export function readRefusal(message: string): readonly Mistake[] {
  return message.split('; ').map((part) => {
    const found = /^arguments((?:\.[^:]*)?): (.*)$/s.exec(part)
    const [, path = '', text = part] = found ?? []
    const missing = /^must have required property '(.+)'$/.exec(text)?.[1]
    const names = path.split('.').slice(1)
    if (missing !== undefined) return { path: [...names, missing], text: 'is missing' }
    return { path: names, text }
  })
}
