import { useState } from 'preact/hooks'
import type { BranchNode, FanOut } from './branch-tree.ts'
import { ErrorView } from './error-list.tsx'
import { JsonView } from './json-view.tsx'
import { Loading, Problem } from './notices.tsx'
import { showBytes } from './show-time.ts'
import { useData } from './use-data.ts'
import type { BranchEnd, Job, Tree } from './wire.ts'

interface BranchTreeProps {
  readonly job: Job
  readonly root: BranchNode
  readonly counts: Tree['counts']
}

/** The fan-outs of a job: which branches ended, and how. */
export function BranchTree({ job, root, counts }: BranchTreeProps) {
  const { succeeded, failed } = counts
  return (
    <>
      <p class="soft">
        {succeeded} succeeded, {failed} failed
      </p>
      <ul class="tree">
        {root.fanOuts.map((fanOut) => (
          <li key={fanOut.generation}>
            <FanOutView {...{ job, fanOut, depth: 0 }} />
          </li>
        ))}
      </ul>
    </>
  )
}

interface FanOutViewProps {
  readonly job: Job
  readonly fanOut: FanOut
  readonly depth: number
}

/** Below that many, all are shown at once. */
const MAX_OPEN = 30

const MAX_SHOWN = 200

function FanOutView({ job, fanOut, depth }: FanOutViewProps) {
  const { count, done, children, isChosen } = fanOut
  const [isAll, setAll] = useState(false)
  // Those that failed are what one looks for.
  const sorted =
    children.length > MAX_SHOWN && !isAll
      ? [...children].sort((one, other) => rank(one) - rank(other)).slice(0, MAX_SHOWN)
      : children
  return (
    <details open={depth === 0 || count <= MAX_OPEN}>
      <summary>
        <span class="bar" aria-hidden="true">
          <span style={{ '--share': `${(100 * done) / Math.max(1, count)}%` }} />
        </span>{' '}
        {done} of {count} ended
        {!isChosen && <span class="soft"> · not used: another answer was whole first</span>}
      </summary>
      <ul>
        {sorted.map((node) => (
          <li key={node.key}>
            <NodeView {...{ job, node, depth }} />
          </li>
        ))}
      </ul>
      {sorted.length < children.length && (
        <button class="quiet" type="button" onClick={() => setAll(true)}>
          Show all {children.length}
        </button>
      )}
      {done > children.length && (
        <p class="soft">{done - children.length} more ended, and are not listed.</p>
      )}
      {count > done && <p class="soft">{count - done} go on.</p>}
    </details>
  )
}

function rank({ status }: BranchNode): number {
  return status === 'failed' ? 0 : 1
}

interface NodeViewProps {
  readonly job: Job
  readonly node: BranchNode
  readonly depth: number
}

const SIGNS = { succeeded: '✓', failed: '✗', 'fanned-out': '⑂', open: '▸' } as const

function NodeView({ job, node, depth }: NodeViewProps) {
  const { status, index, size, fanOuts, key } = node
  const [isOpen, setOpen] = useState(false)
  const hasEnd = status === 'succeeded' || status === 'failed'
  return (
    <>
      <span class={`branch ${status}`}>
        <span aria-hidden="true">{SIGNS[status]}</span> Branch {index}
        <span class="soft">
          {' '}
          {status === 'fanned-out' ? 'fanned out' : status}
          {size !== undefined && ` · ${showBytes(size)}`}
        </span>{' '}
        {hasEnd && (
          <button
            class="quiet"
            type="button"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Hide' : 'Show'} {status === 'failed' ? 'error' : 'result'}
            <span class="unseen"> of branch {index}</span>
          </button>
        )}
      </span>
      {isOpen && <BranchEndView job={job} branch={key} />}
      {fanOuts.length > 0 && (
        <ul>
          {fanOuts.map((fanOut) => (
            <li key={fanOut.generation}>
              <FanOutView {...{ job, fanOut, depth: depth + 1 }} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function BranchEndView({ job, branch }: { job: Job; branch: string }) {
  const path = `/dashboard/jobs/${job.job_id}/branch?key=${encodeURIComponent(branch)}`
  const { value, problem, reload } = useData<BranchEnd>(path)
  if (problem !== undefined) return <Problem text={problem} onRetry={reload} />
  if (!value) return <Loading what="the branch" />
  const [error] = value.errors ?? []
  if (error) {
    return (
      <div class="error">
        <ErrorView error={error} isOpen />
      </div>
    )
  }
  if (value.result) return <JsonView label="Result" excerpt={value.result} />
  return <p class="soft">Payloads are not shown here (ASYA_DASHBOARD_PAYLOADS).</p>
}
