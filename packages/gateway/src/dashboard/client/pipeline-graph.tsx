import type { Tool } from './wire.ts'

interface PipelineGraphProps {
  readonly tool: Tool
  /** All tools: a step may be part of several. */
  readonly others: readonly Tool[]
  /** How many running jobs were last heard of at each step; undefined where that is not shown. */
  readonly running: Readonly<Record<string, number>> | undefined
}

const RESULTS: Readonly<Record<Tool['results'], string>> = {
  one: 'a result',
  optional: 'a result or none',
  many: 'results',
  none: 'no result',
}

/**
 * The steps in their order, from left to right, or one below the other where there is no room. A list,
 * for that is what it is to whoever does not see it.
 */
export function PipelineGraph({ tool, others, running }: PipelineGraphProps) {
  return (
    <ol class="graph" aria-label={`Steps of ${tool.name}`}>
      {tool.route.map((step, index) => {
        const count = running?.[index] ?? 0
        const alsoIn = others.filter(
          ({ name, route }) => name !== tool.name && route.includes(step),
        )
        return (
          <li key={index} class={count > 0 ? 'busy' : ''}>
            <span class="box">
              <span class="name">{step}</span>
              {running !== undefined && (
                <span class="note">
                  {count > 0
                    ? `▸ ${count} running`
                    : alsoIn.length > 0 && `also in ${sayNames(alsoIn)}`}
                </span>
              )}
            </span>
            <Arrow kind={index === tool.route.length - 1 ? tool.results : 'one'} />
          </li>
        )
      })}
      <li class={`end ${tool.results}`}>
        <span class="box">{RESULTS[tool.results]}</span>
      </li>
    </ol>
  )
}

function sayNames(tools: readonly Tool[]): string {
  const [first] = tools
  return tools.length === 1 && first ? first.name : `${tools.length} others`
}

/** Split where there are many, dashed where there may be none. */
function Arrow({ kind }: { kind: Tool['results'] }) {
  const isDashed = kind === 'optional' || kind === 'none'
  return (
    <svg class={`arrow${isDashed ? ' dashed' : ''}`} viewBox="0 0 48 24" aria-hidden="true">
      {kind === 'many' ? (
        <>
          <path d="M2 12H14C26 12 24 4 38 4M14 12H38M14 12C26 12 24 20 38 20" />
          <path class="tip" d="M38 1l7 3-7 3zM38 9l7 3-7 3zM38 17l7 3-7 3z" />
        </>
      ) : (
        <>
          <path d="M2 12H38" />
          <path class="tip" d="M37 7l9 5-9 5z" />
        </>
      )}
    </svg>
  )
}
