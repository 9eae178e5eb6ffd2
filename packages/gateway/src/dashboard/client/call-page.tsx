import { useEffect, useState } from 'preact/hooks'
import { send } from './api.ts'
import { readDraft } from './form-draft.ts'
import { readShape } from './form-shape.ts'
import { MistakeList } from './mistake-list.tsx'
import { Empty, Loading, Problem } from './notices.tsx'
import { PipelineGraph } from './pipeline-graph.tsx'
import { toHref } from './router.ts'
import { SchemaForm } from './schema-form.tsx'
import { useCall, type PreparedCall } from './use-call.ts'
import { useData } from './use-data.ts'
import type { Tool } from './wire.ts'

/** Calls a pipeline with what one fills in. */
export function CallPage({ name, from }: { name: string; from: string | undefined }) {
  const { value, problem, reload } = useData<{ tools: readonly Tool[] }>('/tools')
  const tool = value?.tools.find((candidate) => candidate.name === name)
  const given = useGivenInput(tool, from)
  useEffect(() => {
    document.title = `Call ${name} · Asya`
  }, [name])
  return (
    <>
      <p class="crumbs">
        <a href={toHref(['pipelines'])}>Pipelines</a> <span aria-hidden="true">›</span> {name}
      </p>
      <h1 tabIndex={-1}>Call {tool?.title ?? name}</h1>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {value && !tool && (
        <Empty title={`There is no pipeline ${name}`}>
          <p>
            <a href={toHref(['pipelines'])}>All pipelines</a>
          </p>
        </Empty>
      )}
      {tool && (
        <>
          {tool.description !== undefined && <p class="prose">{tool.description}</p>}
          <PipelineGraph tool={tool} others={[]} running={undefined} />
        </>
      )}
      {tool && given.isReady && <CallForm tool={tool} given={given.text} />}
      {!value && problem === undefined && <Loading what="the pipeline" />}
    </>
  )
}

/** The arguments of an earlier job, if the gateway shows payloads. */
function useGivenInput(
  tool: Tool | undefined,
  from: string | undefined,
): { isReady: boolean; text: string | undefined } {
  const [given, setGiven] = useState<{ isReady: boolean; text: string | undefined }>({
    isReady: from === undefined,
    text: undefined,
  })
  useEffect(() => {
    if (from === undefined || !tool) return
    send(`/dashboard/jobs/${encodeURIComponent(from)}/input`)
      .then((response) => response.text())
      .then(
        (text) => setGiven({ isReady: true, text: toArguments(tool, text) }),
        () => setGiven({ isReady: true, text: undefined }),
      )
  }, [from, tool?.name])
  return given
}

/** A pipeline that takes no object gets the only member of its arguments as its payload. */
function toArguments({ input_schema: schema }: Tool, payload: string): string {
  const shape = readShape(schema)
  if (shape.kind !== 'object' || readDraft(shape, payload)) return payload
  const [only] = shape.members
  if (shape.members.length !== 1 || !only || !readDraft(only.shape(), payload)) return payload
  return `{${JSON.stringify(only.name)}:${payload}}`
}

interface CallFormProps {
  readonly tool: Tool
  readonly given: string | undefined
}

function CallForm({ tool, given }: CallFormProps) {
  const call = useCall(tool, given)
  const { shape, draft, json, mistakes, problem, isBusy } = call
  const submit = (event: Event): void => {
    event.preventDefault()
    call.submit()
  }
  return (
    <form class="call panel" onSubmit={submit} onKeyDown={submitByKey} noValidate>
      <div class="head">
        <h2>Arguments</h2>
        {shape.kind === 'object' && <KindSwitch call={call} />}
      </div>
      <MistakeList mistakes={mistakes} isJson={json !== undefined} shape={shape} draft={draft} />
      {json === undefined ? (
        <SchemaForm {...{ shape, draft, mistakes }} onDraft={call.setDraft} />
      ) : (
        <JsonField text={json} isWrong={mistakes.length > 0} onText={call.setJson} />
      )}
      {problem !== undefined && <Problem text={problem} />}
      <div class="actions">
        <button class="primary" type="submit" disabled={isBusy}>
          {isBusy ? 'Calling …' : 'Call'}
        </button>
        <span class="soft">or Ctrl + Enter</span>
      </div>
    </form>
  )
}

function KindSwitch({ call }: { call: PreparedCall }) {
  const isJson = call.json !== undefined
  return (
    <div class="switch" role="group" aria-label="Fill in as">
      <button type="button" aria-pressed={!isJson} onClick={() => isJson && call.showForm()}>
        Form
      </button>
      <button type="button" aria-pressed={isJson} onClick={() => !isJson && call.showJson()}>
        JSON
      </button>
    </div>
  )
}

/** Enter begins a new line in a text of several; with Ctrl or Cmd it calls from everywhere. */
function submitByKey(event: KeyboardEvent & { readonly currentTarget: HTMLFormElement }): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  event.preventDefault()
  event.currentTarget.requestSubmit()
}

interface JsonFieldProps {
  readonly text: string
  readonly isWrong: boolean
  readonly onText: (text: string) => void
}

function JsonField({ text, isWrong, onText }: JsonFieldProps) {
  return (
    <div class="field">
      <label for="arguments-json">Arguments as JSON</label>
      <textarea
        id="arguments-json"
        class="code"
        rows={Math.min(24, Math.max(8, text.split('\n').length + 1))}
        spellcheck={false}
        autocomplete="off"
        value={text}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? 'mistakes' : undefined}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </div>
  )
}
