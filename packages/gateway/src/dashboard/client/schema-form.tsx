import type { ComponentChildren } from 'preact'
import { beginDraft, memberOf, type Draft } from './form-draft.ts'
import type { Mistake } from './form-json.ts'
import type { Shape } from './form-shape.ts'
import { fieldId, mistakesAt, type FieldProps } from './field-props.ts'
import { InputField } from './input-field.tsx'

interface SchemaFormProps {
  readonly shape: Shape
  readonly draft: Draft
  readonly mistakes: readonly Mistake[]
  readonly onDraft: (draft: Draft) => void
}

/** The fields of the arguments. */
export function SchemaForm({ shape, draft, mistakes, onDraft }: SchemaFormProps) {
  if (shape.kind !== 'object') return null
  if (shape.members.length === 0) return <p class="soft">It takes no arguments.</p>
  return <Members {...{ shape, draft, mistakes, onDraft, path: [] }} />
}

type MembersProps = Pick<
  FieldProps<Shape & { kind: 'object' }>,
  'shape' | 'draft' | 'path' | 'mistakes' | 'onDraft'
>

function Members({ shape, draft, path, mistakes, onDraft }: MembersProps) {
  const members = draft.kind === 'object' ? draft.members : {}
  return (
    <>
      {shape.members.map(({ name, isRequired, shape: read }) => {
        const member = read()
        if (isRequired && isFixed(member)) return null
        return (
          <Field
            key={name}
            shape={member}
            draft={memberOf(draft, name)}
            path={[...path, name]}
            label={name}
            isRequired={isRequired}
            mistakes={mistakes}
            onDraft={(next) => onDraft({ kind: 'object', members: { ...members, [name]: next } })}
          />
        )
      })}
    </>
  )
}

/** There is nothing to choose: it tells the members of a union apart. */
function isFixed(shape: Shape): boolean {
  return shape.kind === 'choice' && shape.values.length === 1
}

function Field(props: FieldProps) {
  const { shape, draft, isRequired, onDraft } = props
  if (shape.kind === 'boolean') return <InputField {...props} />
  if (draft.kind === 'absent') return <AbsentField {...props} />
  const remove = isRequired ? undefined : () => onDraft({ kind: 'absent' })
  switch (shape.kind) {
    case 'object':
      return (
        <Group {...props} remove={remove}>
          <Members {...props} shape={shape} />
        </Group>
      )
    case 'array':
      return <ListField {...props} shape={shape} remove={remove} />
    case 'variant':
      return <VariantField {...props} shape={shape} remove={remove} />
    case 'json':
      return isRequired ? (
        <InputField {...props} />
      ) : (
        <Group {...props} remove={remove}>
          <InputField {...props} isRequired />
        </Group>
      )
    default:
      return <InputField {...props} />
  }
}

/** A part with fields of its own, that one may do without. */
function AbsentField({ shape, path, label, mistakes, onDraft }: FieldProps) {
  const id = fieldId(path)
  return (
    <div class="field absent">
      <span class="title">
        {shape.title ?? label} <span class="soft">optional</span>
      </span>
      <button
        id={id}
        type="button"
        aria-describedby={`${id}-about`}
        onClick={() => onDraft(beginDraft(shape))}
      >
        + Add<span class="unseen"> {label}</span>
      </button>
      <About {...{ shape, path, mistakes }} />
    </div>
  )
}

function About({ shape, path, mistakes }: Pick<FieldProps, 'shape' | 'path' | 'mistakes'>) {
  return (
    <div id={`${fieldId(path)}-about`} class="about">
      {shape.description !== undefined && <p class="hint">{shape.description}</p>}
      {mistakesAt(mistakes, path).map(({ text }) => (
        <p key={text} class="mistake">
          <span aria-hidden="true">✗</span> {text}
        </p>
      ))}
    </div>
  )
}

type GroupProps = FieldProps & {
  readonly remove?: (() => void) | undefined
  readonly children: ComponentChildren
}

function Group({ shape, path, label, isRequired, mistakes, remove, children }: GroupProps) {
  const id = fieldId(path)
  return (
    <fieldset class="group" id={id} tabIndex={-1} aria-describedby={`${id}-about`}>
      <legend>
        {shape.title ?? label}
        {!isRequired && <span class="soft"> optional</span>}
      </legend>
      <About {...{ shape, path, mistakes }} />
      {children}
      {remove && (
        <button class="quiet remove" type="button" onClick={remove}>
          Leave out<span class="unseen"> {label}</span>
        </button>
      )}
    </fieldset>
  )
}

type ListFieldProps = FieldProps<Shape & { kind: 'array' }> & {
  readonly remove: (() => void) | undefined
}

function ListField(props: ListFieldProps) {
  const { shape, draft, path, label, mistakes, onDraft } = props
  const items = draft.kind === 'array' ? draft.items : []
  const put = (next: readonly Draft[]): void => onDraft({ kind: 'array', items: next })
  const isFull = shape.maxItems !== undefined && items.length >= shape.maxItems
  return (
    <Group {...props}>
      {items.map((item, index) => (
        <div class="item" key={index}>
          <Field
            shape={shape.item()}
            draft={item}
            path={[...path, String(index)]}
            label={`${label} ${index + 1}`}
            isRequired
            mistakes={mistakes}
            onDraft={(next) => put(items.map((other, at) => (at === index ? next : other)))}
          />
          <button
            class="quiet remove"
            type="button"
            onClick={() => put(items.filter((_, at) => at !== index))}
          >
            Remove<span class="unseen"> {`${label} ${index + 1}`}</span>
          </button>
        </div>
      ))}
      <button
        type="button"
        disabled={isFull}
        onClick={() => put([...items, beginDraft(shape.item())])}
      >
        + Add<span class="unseen"> to {label}</span>
      </button>
    </Group>
  )
}

type VariantFieldProps = FieldProps<Shape & { kind: 'variant' }> & {
  readonly remove: (() => void) | undefined
}

function VariantField(props: VariantFieldProps) {
  const { shape, draft, path, label, mistakes, onDraft } = props
  const index = draft.kind === 'variant' ? draft.index : 0
  const option = shape.options[index]
  const id = `${fieldId(path)}-kind`
  const choose = (next: number): void => {
    const chosen = shape.options[next]
    if (chosen) onDraft({ kind: 'variant', index: next, draft: beginDraft(chosen.shape()) })
  }
  return (
    <Group {...props}>
      <div class="field">
        <label for={id}>Kind</label>
        <select
          id={id}
          value={String(index)}
          onChange={(event) => choose(Number(event.currentTarget.value))}
        >
          {shape.options.map(({ label: name }, at) => (
            <option key={at} value={String(at)}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {option && draft.kind === 'variant' && (
        <VariantBody
          shape={option.shape()}
          draft={draft.draft}
          path={path}
          label={label}
          isRequired
          mistakes={mistakes}
          onDraft={(next) => onDraft({ kind: 'variant', index, draft: next })}
        />
      )}
    </Group>
  )
}

/** An object's fields stand in the group of the variant, without one of their own. */
function VariantBody(props: FieldProps) {
  const { shape } = props
  return shape.kind === 'object' ? <Members {...props} shape={shape} /> : <Field {...props} />
}
