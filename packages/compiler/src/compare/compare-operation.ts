import type { Break } from './break.ts'
import type { Change, Party } from './change.ts'
import type { Contract, Content, Message, Operation } from './contract.ts'
import type { Side } from './comparison.ts'
import { findBreaks } from './find-breaks.ts'
import { listMembers } from './list-members.ts'

export interface OperationVersions {
  readonly old: Contract
  readonly now: Contract
  readonly was: Operation | undefined
  readonly is: Operation | undefined
}

/** What changed for those at the other side of an operation. */
export function compareOperation(versions: OperationVersions): Change[] {
  const { was, is } = versions
  if (!was || !is) return nameAlone(versions)
  return [...compareAddress(versions, was, is), ...compareMessages(versions, was, is)]
}

function nameAlone({ now, was, is }: OperationVersions): Change[] {
  const operation = was ?? is
  if (!operation) return []
  const isInput = operation.action === 'receive'
  const base = toBase(now, operation)
  if (is)
    return [
      {
        ...base,
        change: 'added',
        breaks: [],
        why: isInput ? 'It takes messages from here, too.' : 'It sends messages here, too.',
      },
    ]
  const why = isInput
    ? 'It takes no messages from here any more.'
    : 'It sends no messages here any more.'
  return [{ ...base, change: 'removed', breaks: [otherSide(operation)], why }]
}

function compareAddress({ now }: OperationVersions, was: Operation, is: Operation): Change[] {
  if (was.address === is.address) return []
  const why = `It was ${describe(was.address)}; it is ${describe(is.address)}. ${
    is.action === 'receive'
      ? 'What is sent to the old one, or waits there, is not taken any more.'
      : 'Who receives from the old one gets nothing any more.'
  }`
  return [{ ...toBase(now, is), part: 'queue', change: 'moved', breaks: [otherSide(is)], why }]
}

function describe(address: string | null): string {
  return address ?? 'known only when it ran'
}

function compareMessages(versions: OperationVersions, was: Operation, is: Operation): Change[] {
  const base = toBase(versions.now, is)
  const isInput = is.action === 'receive'
  return pairMessages(was, is).flatMap(({ name, old, now }): Change[] => {
    if (old && now)
      return compareMessage({ versions, base, isInput, party: otherSide(is) }, old, now)
    const isBreaking = isInput === (now === undefined)
    const change = now ? 'added' : 'removed'
    const why = isInput
      ? `Messages ${name} are ${now ? 'taken too' : 'not taken any more'}.`
      : `Messages ${name} are ${now ? 'sent too, which nobody knew' : 'not sent any more'}.`
    return [{ ...base, change, breaks: isBreaking ? [otherSide(is)] : [], why }]
  })
}

interface MessagePair {
  readonly name: string
  readonly old: Message | undefined
  readonly now: Message | undefined
}

function pairMessages({ messages: olds }: Operation, { messages: news }: Operation): MessagePair[] {
  const [first] = news
  if (olds.size === 1 && news.size === 1 && first)
    return [...olds.values()].map((old) => ({ name: first[0], old, now: first[1] }))
  return [...new Set([...olds.keys(), ...news.keys()])]
    .sort()
    .map((name) => ({ name, old: olds.get(name), now: news.get(name) }))
}

interface Place {
  readonly versions: OperationVersions
  readonly base: Base
  readonly isInput: boolean
  readonly party: Party
}

function compareMessage(place: Place, old: Message, now: Message): Change[] {
  const changes = [
    ...compareContent(place, old.payload, now.payload),
    ...compareContent(place, old.headers, now.headers).map((change) => ({
      ...change,
      member: (change.member ?? '$').replace('$', 'headers'),
    })),
  ]
  if (old.contentType === now.contentType) return changes
  const why = `Its content type was ${old.contentType ?? 'not said'}; it is ${now.contentType ?? 'not said'}.`
  return [{ ...place.base, change: 'changed', breaks: [place.party], why }, ...changes]
}

function compareContent(place: Place, old: Content, now: Content): Change[] {
  const { base, versions, party, isInput } = place
  if (old.type === 'json-schema' && now.type === 'json-schema')
    return compareSchemas(
      place,
      { all: old.all, source: versions.old.source },
      { all: now.all, source: versions.now.source },
    )
  if (JSON.stringify(old) === JSON.stringify(now)) return []
  const format = now.type === 'other' ? now.format : old.type === 'other' ? old.format : ''
  const why = `Its schema changed, and is not compared: it is ${format}. Whether ${isInput ? 'old messages are taken' : 'new messages are known'} cannot be told.`
  return [{ ...base, change: 'changed', breaks: [party], isCertain: false, why }]
}

/**
 * The direction that must hold makes breaking changes: what was sent must be taken, what is sent must
 * have been expected. The other direction, and members that came or went, are compatible ones.
 */
function compareSchemas(place: Place, old: Side, now: Side): Change[] {
  const { isInput, base, party } = place
  const forward = findBreaks(old, now).map((found) => ({ found, why: explain(found, 'old') }))
  const backward = findBreaks(now, old).map((found) => ({ found, why: explain(found, 'new') }))
  const [breaking, others] = isInput ? [forward, backward] : [backward, forward]
  const broken = new Set(breaking.map(({ found }) => found.path))
  const both = new Set(others.map(({ found }) => found.path).filter((path) => broken.has(path)))
  const compatible = others.filter(({ found }) => !broken.has(found.path))
  const seen = new Set([...broken, ...compatible.map(({ found }) => found.path)])
  return [
    ...breaking.map(({ found, why }): Change => ({
      ...base,
      member: toMember(found.path, base),
      change: both.has(found.path) ? 'changed' : isInput ? 'narrowed' : 'widened',
      breaks: [party],
      isCertain: found.isCertain,
      why: found.isCertain ? why : `${why} Whether that is so cannot be told.`,
      ...(found.example !== undefined && { example: found.example }),
    })),
    ...compatible.map(({ found, why }): Change => ({
      ...base,
      member: toMember(found.path, base),
      change: isInput ? 'widened' : 'narrowed',
      breaks: [],
      why,
    })),
    ...listMemberChanges(place, old, now)
      .filter(({ path }) => !isToldBy(path, seen))
      .map(({ path, ...rest }) => ({ ...base, ...rest, member: toMember(path, base) })),
  ]
}

/** The subject is the member. */
function explain({ writes, takes }: Break, version: 'old' | 'new'): string {
  const [first, second] = version === 'old' ? ['So far', 'from now on'] : ['From now on', 'so far']
  return `${first} it ${writes}; ${second} ${takes}.`
}

interface MemberChange {
  readonly path: string
  readonly change: 'added' | 'removed'
  readonly breaks: readonly Party[]
  readonly why: string
}

function listMemberChanges({ isInput }: Place, old: Side, now: Side): MemberChange[] {
  const [olds, news] = [listMembers(old), listMembers(now)]
  const added = isInput ? 'Nobody has to send it.' : 'Nobody has to read it.'
  const removed = isInput ? 'It is not read any more.' : 'Nobody could rely on it.'
  return [
    ...[...news]
      .filter((path) => !olds.has(path))
      .map((path): MemberChange => ({ path, change: 'added', breaks: [], why: added })),
    ...[...olds]
      .filter((path) => !news.has(path))
      .map((path): MemberChange => ({ path, change: 'removed', breaks: [], why: removed })),
  ]
}

/** Whether a change of this member, or of one around it, is told already. */
function isToldBy(member: string, told: ReadonlySet<string>): boolean {
  return [...told].some((path) => {
    const rest = member.slice(path.length)
    return path !== '$' && member.startsWith(path) && (rest === '' || /^[.[]/.test(rest))
  })
}

/** Our messages are envelopes: authors know what stands in their `payload`. */
function toMember(path: string, { kind }: Base): string {
  if (kind === 'application' || path === '$') return path
  const [, payload] = /^\$\.payload(?=$|[.[])(.*)$/.exec(path) ?? []
  return payload === undefined ? `message${path.slice(1)}` : `$${payload}`
}

type Base = Pick<Change, 'kind' | 'name' | 'channel' | 'part' | 'isCertain'>

function toBase({ kind, name }: Contract, { action, channel }: Operation): Base {
  return { kind, name, channel, part: action === 'receive' ? 'input' : 'output', isCertain: true }
}

function otherSide({ action }: Operation): Party {
  return action === 'receive' ? 'producers' : 'consumers'
}
