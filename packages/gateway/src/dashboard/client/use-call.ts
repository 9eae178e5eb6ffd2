import { useMemo, useState } from 'preact/hooks'
import { announce } from './announce.ts'
import { ApiError, ask, explain } from './api.ts'
import { beginDraft, readDraft, type Draft } from './form-draft.ts'
import { findJsonProblem, readRefusal, writeDraft, type Mistake } from './form-json.ts'
import { readShape, type Shape } from './form-shape.ts'
import { indentJson } from './indent-json.ts'
import { goTo, toHref } from './router.ts'
import { fieldId } from './field-props.ts'
import type { Tool } from './wire.ts'

/** What one is about to call a pipeline with: in a form, or as JSON. */
export interface PreparedCall {
  readonly shape: Shape
  readonly draft: Draft
  /** Undefined while the form is shown. */
  readonly json: string | undefined
  readonly mistakes: readonly Mistake[]
  /** Why the gateway did not take the call, whatever the arguments. */
  readonly problem: string | undefined
  readonly isBusy: boolean
  readonly setDraft: (draft: Draft) => void
  readonly setJson: (text: string) => void
  readonly showForm: () => void
  readonly showJson: () => void
  /** Goes to the job when it was accepted. */
  readonly submit: () => void
}

/** @param given the arguments to begin with, as JSON */
export function useCall(tool: Tool, given: string | undefined): PreparedCall {
  const shape = useMemo(() => readShape(tool.input_schema), [tool])
  const begun = useMemo(() => begin(shape, given), [shape, given])
  const [draft, setDraft] = useState(begun.draft)
  const [json, setJson] = useState(begun.json)
  const [mistakes, setMistakes] = useState<readonly Mistake[]>([])
  const { problem, isBusy, send } = useSending(tool.name)
  const fail = (found: readonly Mistake[]): void => {
    setMistakes(found)
    announce(found.length === 1 ? 'There is a mistake' : `There are ${found.length} mistakes`)
    requestAnimationFrame(() => focusFirst(found, json !== undefined))
  }
  const submit = (): void => {
    const written = json === undefined ? writeDraft(shape, draft) : checkJson(json)
    if (written.text === undefined || written.mistakes.length > 0) {
      fail(written.mistakes)
      return
    }
    setMistakes([])
    send(written.text, fail)
  }
  const showJson = (): void => {
    setMistakes([])
    setJson(indent(writeDraft(shape, draft).text ?? '{}'))
  }
  const showForm = (): void => {
    const found = readDraft(shape, json ?? '')
    if (!found) {
      fail([{ path: [], text: NOT_A_FORM }])
      return
    }
    setMistakes([])
    setDraft(found)
    setJson(undefined)
  }
  return {
    ...{ shape, draft, json, mistakes, problem, isBusy },
    ...{ setDraft, setJson, showForm, showJson, submit },
  }
}

interface Sending {
  readonly problem: string | undefined
  readonly isBusy: boolean
  readonly send: (argumentsText: string, onMistakes: (mistakes: readonly Mistake[]) => void) => void
}

/** The same call sent twice, by a second click or after a broken connection, is one job. */
function useSending(name: string): Sending {
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const [last, setLast] = useState({ text: '', key: '' })
  const send: Sending['send'] = (text, onMistakes) => {
    const key = text === last.text ? last.key : makeKey()
    setLast({ text, key })
    setProblem(undefined)
    setBusy(true)
    call(name, text, key)
      .then((id) => goTo(toHref(['jobs', id])))
      .catch((error: unknown) => {
        const isMistake = error instanceof ApiError && error.code === 'invalid_arguments'
        if (isMistake) onMistakes(readRefusal(error.message))
        else setProblem(explain(error))
      })
      .finally(() => setBusy(false))
  }
  return { problem, isBusy, send }
}

const NOT_A_FORM =
  'The form cannot hold this JSON: it is broken, or has members that the schema does not know.'

function begin(
  shape: Shape,
  given: string | undefined,
): { draft: Draft; json: string | undefined } {
  const draft = given === undefined ? undefined : readDraft(shape, given)
  const isForm = shape.kind === 'object' && (given === undefined || draft !== undefined)
  return {
    draft: draft ?? beginDraft(shape),
    json: isForm ? undefined : indent(given ?? '{}'),
  }
}

function checkJson(text: string): { text: string | undefined; mistakes: readonly Mistake[] } {
  const problem = findJsonProblem(text)
  if (problem === undefined) return { text, mistakes: [] }
  return { text: undefined, mistakes: [{ path: [], text: `This ${problem}` }] }
}

function indent(text: string): string {
  return indentJson(text)
    .map((token) => token.text)
    .join('')
}

function makeKey(): string {
  const words = Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36))
  return `dashboard-${words.join('')}`
}

/** The arguments go as they are: no digit is lost. */
async function call(name: string, argumentsText: string, key: string): Promise<string> {
  const { job_id: id } = await ask<{ job_id: string }>('/tools/call', {
    method: 'POST',
    headers: { 'idempotency-key': key },
    body: `{"name":${JSON.stringify(name)},"arguments":${argumentsText}}`,
  })
  announce('Called')
  return id
}

function focusFirst(mistakes: readonly Mistake[], isJson: boolean): void {
  const [first] = mistakes
  const id = isJson || !first ? 'arguments-json' : fieldId(first.path)
  const field = document.getElementById(id) ?? document.getElementById('mistakes')
  field?.focus()
}
