import { useEffect, useState } from 'preact/hooks'
import { stateOf, type JobLife, type StepLife, type StepState } from './job-life.ts'
import { showDuration } from './show-time.ts'
import { STEP_SIGNS } from './state-badge.tsx'
import { hasEnded, type Job } from './wire.ts'

interface JobStepsProps {
  readonly job: Job
  readonly life: JobLife
  readonly failedSteps: ReadonlySet<string>
}

const WORDS: Readonly<Record<StepState, string>> = {
  waiting: 'waiting',
  active: 'working',
  done: 'done',
  failed: 'failed',
  stopped: 'not reached',
}

/** The steps one below the other, each as a bar over the time of the whole job. */
export function JobSteps({ job, life, failedSteps }: JobStepsProps) {
  const isOpen = !hasEnded(job)
  const startMs = Date.parse(job.created_at)
  const nowMs = useTicking(isOpen)
  const endMs = job.ended_at === undefined ? nowMs : Date.parse(job.ended_at)
  const lastMs = Math.max(endMs, ...life.steps.map((step) => step.lastMs ?? startMs))
  const spanMs = Math.max(1, lastMs - startMs)
  return (
    <>
      <table class="steps">
        <caption class="unseen">
          Steps of the job. Times are those at which the gateway was told.
        </caption>
        <thead>
          <tr>
            <th scope="col" class="name">
              Step
            </th>
            <th scope="col" class="state">
              State
            </th>
            <td class="line" aria-hidden="true">
              <Scale spanMs={spanMs} />
            </td>
            <th scope="col" class="number" title="From the first message to the last answer">
              Took
            </th>
            <th scope="col" class="number" title="Of the handler, for all messages of this job">
              Handler
            </th>
          </tr>
        </thead>
        <tbody>
          {life.steps.map((step) => {
            const state = stateOf(step, { jobState: job.state, failedSteps })
            return <StepRow key={step.index} {...{ step, state, startMs, spanMs, lastMs }} />
          })}
        </tbody>
      </table>
      <p class="below" aria-hidden="true">
        <Scale spanMs={spanMs} />
      </p>
    </>
  )
}

function Scale({ spanMs }: { spanMs: number }) {
  return (
    <span class="scale">
      <span>0</span>
      <span>{showDuration(spanMs)}</span>
    </span>
  )
}

interface StepRowProps {
  readonly step: StepLife
  readonly state: StepState
  readonly startMs: number
  readonly spanMs: number
  readonly lastMs: number
}

function StepRow({ step, state, startMs, spanMs, lastMs }: StepRowProps) {
  const { firstMs } = step
  const untilMs = state === 'active' ? lastMs : step.lastMs
  const isSeen = firstMs !== undefined && untilMs !== undefined
  // Of a fast step both ends are told at once.
  const tookMs = isSeen ? Math.max(untilMs - firstMs, step.durationMaxMs) : 0
  const share = (ms: number): string => `${((100 * ms) / spanMs).toFixed(2)}%`
  return (
    <tr class={state}>
      <th scope="row" class="name">
        {step.name}
      </th>
      <td class="state">
        <span aria-hidden="true">{STEP_SIGNS[state]}</span> {WORDS[state]}
        <span class="soft">{describe(step, state)}</span>
      </td>
      <td class="line" aria-hidden="true">
        {isSeen && (
          <span
            class="span"
            style={{ '--from': share(firstMs - startMs), '--width': share(untilMs - firstMs) }}
          />
        )}
      </td>
      <td class="number">{isSeen ? showDuration(tookMs) : '–'}</td>
      <td class="number">{step.completed > 0 ? showDuration(step.durationSumMs) : '–'}</td>
    </tr>
  )
}

function describe(step: StepLife, state: StepState): string {
  const { received, completed, percent, message } = step
  const parts: string[] = []
  if (received > 1 || completed > 1) parts.push(`${completed} of ${received} messages`)
  if (state === 'active' && percent !== undefined) parts.push(`${Math.round(percent)} %`)
  if (message !== undefined && state !== 'done') parts.push(message)
  return parts.length === 0 ? '' : ` · ${parts.join(' · ')}`
}

/** Often enough for a bar that grows. */
const TICK_MS = 250

function useTicking(isTicking: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now())
  useEffect(() => {
    if (!isTicking) return
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [isTicking])
  return nowMs
}
