import { fieldId, mistakesAt, type FieldProps } from './field-props.ts'
import type { Draft } from './form-draft.ts'
import type { Shape } from './form-shape.ts'

/** A field for one value, with its description and its mistakes. */
export function InputField(props: FieldProps) {
  const { shape, path, label, isRequired, mistakes } = props
  const id = fieldId(path)
  const own = mistakesAt(mistakes, path)
  const hint = describe(shape)
  const about = [hint !== undefined && `${id}-hint`, own.length > 0 && `${id}-mistake`]
    .filter((one) => one !== false)
    .join(' ')
  const isCheck = shape.kind === 'boolean' && isRequired
  const title = (
    <label for={id}>
      {shape.title ?? label}
      {isRequired ? '' : <span class="soft"> optional</span>}
    </label>
  )
  return (
    <div class={`field${isCheck ? ' check' : ''}`}>
      {!isCheck && title}
      <Input
        {...props}
        attributes={{
          id,
          'aria-invalid': own.length > 0,
          'aria-required': isRequired,
          ...(about !== '' && { 'aria-describedby': about }),
        }}
      />
      {isCheck && title}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {own.length > 0 && (
        <p class="mistake" id={`${id}-mistake`}>
          <span aria-hidden="true">✗</span> {own.map(({ text }) => text).join('; ')}
        </p>
      )}
    </div>
  )
}

interface Attributes {
  readonly id: string
  readonly 'aria-invalid': boolean
  readonly 'aria-required': boolean
  readonly 'aria-describedby'?: string
}

type InputProps = FieldProps & { readonly attributes: Attributes }

function Input({ shape, draft, isRequired, attributes, onDraft }: InputProps) {
  if (shape.kind === 'choice')
    return <Choice {...{ shape, draft, isRequired, attributes, onDraft }} />
  if (shape.kind === 'boolean') {
    if (!isRequired) return <OptionalBoolean {...{ draft, attributes, onDraft }} />
    return (
      <input
        {...attributes}
        type="checkbox"
        checked={draft.kind === 'boolean' && draft.value}
        onChange={({ currentTarget: { checked: value } }) => onDraft({ kind: 'boolean', value })}
      />
    )
  }
  const text = 'text' in draft ? draft.text : ''
  const kind = shape.kind === 'number' || shape.kind === 'json' ? shape.kind : 'text'
  const put = (next: string): void => onDraft({ kind, text: next })
  if (kind === 'json' || isLong(shape)) {
    return (
      <textarea
        {...attributes}
        class={kind === 'json' ? 'code' : ''}
        rows={kind === 'json' ? 4 : Math.min(16, text.split('\n').length)}
        spellcheck={kind !== 'json'}
        value={text}
        onInput={(event) => put(event.currentTarget.value)}
      />
    )
  }
  return (
    <input
      {...attributes}
      type="text"
      autocomplete="off"
      inputMode={toInputMode(shape)}
      value={text}
      onInput={(event) => put(event.currentTarget.value)}
    />
  )
}

type ChoiceProps = Pick<InputProps, 'draft' | 'isRequired' | 'attributes' | 'onDraft'> & {
  readonly shape: Shape & { kind: 'choice' }
}

function Choice({ shape, draft, isRequired, attributes, onDraft }: ChoiceProps) {
  const index = draft.kind === 'choice' ? draft.index : undefined
  const put = (text: string): Draft => ({
    kind: 'choice',
    index: text === '' ? undefined : Number(text),
  })
  return (
    <select
      {...attributes}
      value={index === undefined ? '' : String(index)}
      onChange={(event) => onDraft(put(event.currentTarget.value))}
    >
      <option value="">{isRequired ? 'Choose …' : '–'}</option>
      {shape.values.map((value, at) => (
        <option key={at} value={String(at)}>
          {typeof value === 'string' ? value : JSON.stringify(value)}
        </option>
      ))}
    </select>
  )
}

/** Not given is not the same as no. */
function OptionalBoolean({
  draft,
  attributes,
  onDraft,
}: Pick<InputProps, 'draft' | 'attributes' | 'onDraft'>) {
  return (
    <select
      {...attributes}
      value={draft.kind === 'boolean' ? String(draft.value) : ''}
      onChange={({ currentTarget: { value } }) =>
        onDraft(value === '' ? { kind: 'absent' } : { kind: 'boolean', value: value === 'true' })
      }
    >
      <option value="">–</option>
      <option value="true">yes</option>
      <option value="false">no</option>
    </select>
  )
}

/** Formats are of one line; other texts may have several. */
function isLong(shape: Shape): boolean {
  if (shape.kind !== 'text' || shape.format !== undefined || shape.pattern !== undefined)
    return false
  return shape.maxLength === undefined || shape.maxLength > 120
}

function toInputMode(shape: Shape): 'text' | 'numeric' | 'decimal' | 'email' | 'url' {
  if (shape.kind === 'number') return shape.isInteger ? 'numeric' : 'decimal'
  if (shape.kind !== 'text') return 'text'
  if (shape.format === 'email') return 'email'
  return shape.format === 'uri' ? 'url' : 'text'
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'Such as 2026-01-31T12:00:00Z.',
  date: 'Such as 2026-01-31.',
  time: 'Such as 12:00:00Z.',
  email: 'An e-mail address.',
  uri: 'A whole address, such as https://example.org/page.',
  uuid: 'A UUID.',
}

function describe(shape: Shape): string | undefined {
  const parts = [shape.description, limits(shape)]
  const text = parts.filter((part) => part !== undefined && part !== '').join(' ')
  return text === '' ? undefined : text
}

function limits(shape: Shape): string | undefined {
  if (shape.kind === 'text') {
    if (shape.pattern !== undefined) return `Of the form ${shape.pattern}`
    return shape.format === undefined ? undefined : FORMATS[shape.format]
  }
  if (shape.kind === 'json') return 'As JSON.'
  if (shape.kind !== 'number') return undefined
  const { min, max, isInteger } = shape
  const kind = isInteger ? 'A whole number' : 'A number'
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}.`
  if (min !== undefined) return `${kind}, ${min} or more.`
  return max === undefined ? undefined : `${kind}, ${max} or less.`
}
