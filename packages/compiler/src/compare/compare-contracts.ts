import type { Change } from './change.ts'
import { compareCardinality } from './compare-cardinality.ts'
import { compareOperation } from './compare-operation.ts'
import type { Contract, Operation } from './contract.ts'

/**
 * What changed between two versions of a set of documents, in order of the names; of one thing, what
 * breaks comes first.
 *
 * A message that was sent to an application before must still be taken by it: it may wait in the
 * queue, and those who send are not deployed in the same moment. What an application sends must
 * still be taken by those who receive it. Of a pipeline, that is what starts it and its results; its
 * inner edges are the matter of its actors.
 *
 * `@asyncapi/diff` 0.5.0 was tried: what it finds in payloads it leaves `unclassified`, and it does
 * not look at schemas as sets of values.
 */
export function compareContracts(
  before: readonly Contract[],
  after: readonly Contract[],
): readonly Change[] {
  return pairContracts(before, after)
    .flatMap(({ old, now }) => (old && now ? compareContract(old, now) : nameAlone(old, now)))
    .sort(byPlace)
}

interface ContractPair {
  readonly old: Contract | undefined
  readonly now: Contract | undefined
}

/** By what they are of; two that are alone are meant to be compared, whatever they are called. */
function pairContracts(before: readonly Contract[], after: readonly Contract[]): ContractPair[] {
  const [first, second] = [before[0], after[0]]
  if (before.length === 1 && after.length === 1 && first?.kind === second?.kind)
    return [{ old: first, now: second }]
  const toKey = ({ kind, name }: Contract): string => `${kind} ${name}`
  const olds = new Map(before.map((one) => [toKey(one), one]))
  const news = new Map(after.map((one) => [toKey(one), one]))
  return [...new Set([...olds.keys(), ...news.keys()])].map((key) => ({
    old: olds.get(key),
    now: news.get(key),
  }))
}

function nameAlone(old: Contract | undefined, now: Contract | undefined): Change[] {
  const contract = old ?? now
  if (!contract) return []
  const { kind, name } = contract
  const base = { kind, name, part: kind, isCertain: true }
  if (now)
    return [{ ...base, change: 'added', breaks: [], why: `There was no ${kind} of this name.` }]
  const why =
    kind === 'pipeline'
      ? 'Who starts it finds it no more.'
      : 'Nobody consumes its queue any more: what is sent there stays there.'
  return [{ ...base, change: 'removed', breaks: ['producers'], why }]
}

function compareContract(old: Contract, now: Contract): Change[] {
  const pairs = pairOperations(old, now)
  return [
    ...compareSteps(old, now),
    ...compareCardinality(old, now),
    ...pairs.flatMap(({ was, is }) => compareOperation({ old, now, was, is })),
  ]
}

interface OperationPair {
  readonly was: Operation | undefined
  readonly is: Operation | undefined
}

/** By action and channel; those that are the only ones of their action are the same, renamed. */
function pairOperations(old: Contract, now: Contract): OperationPair[] {
  return (['receive', 'send'] as const).flatMap((action): OperationPair[] => {
    const olds = pickOuter(old, action)
    const news = pickOuter(now, action)
    if (olds.length === 1 && news.length === 1) return [{ was: olds[0], is: news[0] }]
    const channels = [...new Set([...olds, ...news].map(({ channel }) => channel))]
    return channels.map((channel) => ({
      was: olds.find((one) => one.channel === channel),
      is: news.find((one) => one.channel === channel),
    }))
  })
}

/** Of a pipeline only what its callers see: its first queue, and where its results end. */
function pickOuter({ kind, operations, steps = [] }: Contract, action: string): Operation[] {
  const own = operations.filter((operation) => operation.action === action)
  if (kind !== 'pipeline') return own
  if (action === 'receive') return own.filter(({ channel }) => channel === steps[0]).slice(0, 1)
  return own.filter(({ channel }) => !steps.includes(channel)).slice(0, 1)
}

function compareSteps(old: Contract, now: Contract): Change[] {
  const [was, is] = [old.steps?.join(' → '), now.steps?.join(' → ')]
  if (was === is || was === undefined || is === undefined) return []
  const { kind, name } = now
  return [
    {
      kind,
      name,
      part: 'steps',
      change: 'changed',
      breaks: [],
      isCertain: true,
      why: `It was ${was}; it is ${is}. Messages under way keep their route.`,
    },
  ]
}

const PARTS: readonly Change['part'][] = [
  'actor',
  'pipeline',
  'application',
  'steps',
  'queue',
  'input',
  'output',
]

function byPlace(one: Change, other: Change): number {
  const toText = ({ kind, name, part, breaks, member = '' }: Change): string =>
    [kind, name, breaks.length > 0 ? 0 : 1, PARTS.indexOf(part), member].join('\u0000')
  const [a, b] = [toText(one), toText(other)]
  return a < b ? -1 : Number(a > b)
}
