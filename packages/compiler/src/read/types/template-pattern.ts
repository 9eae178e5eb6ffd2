import type { Shape, TypeReader } from './type-reader.ts'

/** What TypeScript takes for `${number}`, but for spellings that nobody writes, such as `0x1f` and `1.`. */
const NUMBER = String.raw`[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?`

/** What is left of a number where a dot ends it: the compiler looks for the first one. */
const NUMBER_BEFORE_DOT = String.raw`[+-]?\d+(?:[eE][+-]?\d+)?`

const PATTERNS: Partial<Record<Shape['kind'], string>> = {
  string: String.raw`[\s\S]*`,
  uppercase: '[^a-z]*',
  lowercase: '[^A-Z]*',
  number: NUMBER,
  bigint: String.raw`(?:0|-?[1-9]\d*)`,
}

/** A regular expression for a template literal type, as `user-${number}` is. */
export function patternOfTemplate(
  { texts, types }: Extract<Shape, { kind: 'template' }>,
  reader: TypeReader,
): string {
  const parts = texts.map((text, index) => {
    const type = types[index]
    const isBeforeDot = texts[index + 1]?.startsWith('.') === true
    if (type !== undefined && isBeforeDot && reader.shapeOf(type).kind === 'number') {
      return escapeText(text) + NUMBER_BEFORE_DOT
    }
    return (
      escapeText(text) + (type === undefined ? '' : patternOfPart(reader.shapeOf(type), reader))
    )
  })
  return `^${parts.join('')}$`
}

/** A regular expression for the names that an index signature takes. */
export function patternOfKey(shape: Shape, reader: TypeReader): string {
  return `^${patternOfPart(shape, reader)}$`
}

function patternOfPart(shape: Shape, reader: TypeReader): string {
  switch (shape.kind) {
    case 'template':
      return patternOfTemplate(shape, reader).slice(1, -1)
    case 'literal':
      return escapeText(String(shape.value))
    case 'union':
      return `(?:${shape.members
        .map((each) => patternOfPart(reader.shapeOf(each), reader))
        .sort()
        .join('|')})`
    case 'intersection': {
      // A brand says nothing of the text.
      const [main] = shape.members
      return main === undefined ? '' : patternOfPart(reader.shapeOf(main), reader)
    }
    default:
      return PATTERNS[shape.kind] ?? String.raw`[\s\S]*`
  }
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}/]/g, String.raw`\$&`)
}
