import { parseJson, toJsonBytes } from '@asya/protocol'
import type { JobState } from '../jobs/job.ts'
import type { RunningJob, StateCount } from '../jobs/job-views.ts'

/** The last day of one tool. */
export interface ToolSummary {
  readonly states: Readonly<Partial<Record<JobState, number>>>
  readonly stalled: number
  /** From the call to the end, of the jobs that succeeded. */
  readonly median_ms: number | undefined
}

/** By the names of the tools. */
export function summariseTools(
  counts: readonly StateCount[],
): Readonly<Record<string, ToolSummary>> {
  const byTool = Map.groupBy(counts, ({ tool }) => tool)
  return Object.fromEntries(
    [...byTool].map(([tool, ofTool]) => [
      tool,
      {
        states: Object.fromEntries(ofTool.map(({ state, count }) => [state, count])),
        stalled: ofTool.reduce((sum, { stalled }) => sum + stalled, 0),
        median_ms: ofTool.find(({ state }) => state === 'succeeded')?.medianMs,
      },
    ]),
  )
}

/** How many running jobs told last of each step, by tool and index of the step. */
export function countByStep(
  running: readonly RunningJob[],
): Readonly<Record<string, Readonly<Record<number, number>>>> {
  const byTool = Map.groupBy(running, ({ tool }) => tool)
  return Object.fromEntries(
    [...byTool].map(([tool, ofTool]) => [tool, countSteps(ofTool.map(readStepIndex))]),
  )
}

function countSteps(indexes: readonly (number | undefined)[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const index of indexes) if (index !== undefined) counts[index] = (counts[index] ?? 0) + 1
  return counts
}

function readStepIndex({ progress }: RunningJob): number | undefined {
  const data = parseJson(toJsonBytes(Buffer.from(progress)))
  const index: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'step_index') : undefined
  return typeof index === 'number' ? index : undefined
}
