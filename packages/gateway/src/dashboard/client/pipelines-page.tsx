import { useEffect } from 'preact/hooks'
import { toJobsHref } from './jobs-page.tsx'
import { Empty, Loading, Problem } from './notices.tsx'
import { PipelineGraph } from './pipeline-graph.tsx'
import { toHref } from './router.ts'
import { showDuration } from './show-time.ts'
import { useData, useRepeated } from './use-data.ts'
import { STATES, type Summary, type Tool, type ToolSummary } from './wire.ts'

const SUMMARY_MS = 2_000

/** Every pipeline as a graph, with what goes on in it. */
export function PipelinesPage() {
  const tools = useData<{ tools: readonly Tool[] }>('/tools')
  const summary = useData<Summary>('/dashboard/summary')
  useRepeated(summary.reload, SUMMARY_MS)
  // They change with a new build.
  useRepeated(tools.reload, 10 * SUMMARY_MS)
  useEffect(() => {
    document.title = 'Pipelines · Asya'
  }, [])
  const list = tools.value?.tools
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Pipelines</h1>
      </div>
      {tools.problem !== undefined && <Problem text={tools.problem} onRetry={tools.reload} />}
      {list === undefined && tools.problem === undefined && <Loading what="the pipelines" />}
      {list?.length === 0 && (
        <Empty title="No pipelines">
          <p>
            The gateway was given none: <code>ASYA_CATALOG_PATH</code> names the{' '}
            <code>tools.json</code> of a build.
          </p>
        </Empty>
      )}
      {list?.map((tool) => (
        <Pipeline
          key={tool.name}
          tool={tool}
          others={list}
          summary={summary.value?.tools[tool.name]}
          running={summary.value?.running[tool.name] ?? {}}
        />
      ))}
    </>
  )
}

interface PipelineProps {
  readonly tool: Tool
  readonly others: readonly Tool[]
  readonly summary: ToolSummary | undefined
  readonly running: Readonly<Record<string, number>>
}

function Pipeline({ tool, others, summary, running }: PipelineProps) {
  const { name, title, description, deprecated } = tool
  return (
    <article class="panel pipeline" aria-labelledby={`tool-${name}`}>
      <div class="head">
        <h2 id={`tool-${name}`}>{title ?? name}</h2>
        <a class="button primary" href={toHref(['call', name])}>
          Call<span class="unseen"> {name}</span>
        </a>
      </div>
      {title !== undefined && title !== name && (
        <p class="soft">
          <code>{name}</code>
        </p>
      )}
      {deprecated !== undefined && (
        <p class="warn">
          <span aria-hidden="true">⚠</span> Deprecated: {deprecated}
        </p>
      )}
      {description !== undefined && <p class="prose">{description}</p>}
      <PipelineGraph {...{ tool, others, running }} />
      <ToolCounts name={name} summary={summary} />
    </article>
  )
}

function ToolCounts({ name, summary }: { name: string; summary: ToolSummary | undefined }) {
  const states = STATES.filter((state) => (summary?.states[state] ?? 0) > 0)
  return (
    <p class="counts">
      <span class="soft">Last 24 hours:</span>{' '}
      {states.length === 0 && <span class="soft">no jobs</span>}
      {states.map((state) => (
        <a key={state} href={toJobsHref({ tool: name, state })}>
          {summary?.states[state]} {state}
        </a>
      ))}
      {summary !== undefined && summary.stalled > 0 && (
        <span class="warn">‖ {summary.stalled} stalled</span>
      )}
      {summary?.median_ms !== undefined && (
        <span class="soft">half of them within {showDuration(summary.median_ms)}</span>
      )}
    </p>
  )
}
