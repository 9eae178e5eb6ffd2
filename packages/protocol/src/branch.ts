import type * as NodeCrypto from 'node:crypto'
import { parseIndex, parseText, type JsonBytes } from './json-bytes.ts'
import { scanArray } from './json-scan.ts'
import { MAX_OUTPUTS } from './reply.ts'

/**
 * The fan-out tree. A message's branch is its path from the job's root: one entry for each fan-out
 * it went through. Deterministic: the same outputs give the same ids, so a redelivered message that
 * answers the same makes no new children.
 */

/** One fan-out: the child's index, how many children there are, and which answer made them. */
export interface BranchEntry {
  readonly index: number
  readonly count: number
  /** Hash of all outputs' bytes: an answer that differs makes another generation. */
  readonly generation: string
}

/** Path in the fan-out tree; empty = root. */
export type Branch = readonly BranchEntry[]

/** On the wire an entry is `[index, count, generation]`. */
export type WireBranch = readonly (readonly [number, number, string])[]

export const ROOT: Branch = []

/** Fan-outs inside fan-outs; deeper is a mistake in a pipeline, not a job. */
export const MAX_BRANCH_DEPTH = 100

const GENERATION = /^[A-Za-z0-9_-]{1,64}$/

/** Reads a branch; undefined when it is malformed. */
export function decodeBranch(bytes: JsonBytes): Branch | undefined {
  const entries = scanArray(bytes, MAX_BRANCH_DEPTH)
  if (!entries.ok) return undefined
  const branch = entries.value.map(decodeEntry)
  return branch.every((entry) => entry !== undefined) ? branch : undefined
}

function decodeEntry(bytes: JsonBytes): BranchEntry | undefined {
  const parts = scanArray(bytes, 3)
  if (!parts.ok) return undefined
  const [indexBytes, countBytes, generationBytes] = parts.value
  if (!indexBytes || !countBytes || !generationBytes) return undefined
  const index = parseIndex(indexBytes)
  const count = parseIndex(countBytes)
  const generation = parseText(generationBytes)
  if (index === undefined || count === undefined || index >= count) return undefined
  if (count > MAX_OUTPUTS) return undefined
  if (generation === undefined || !GENERATION.test(generation)) return undefined
  return { index, count, generation }
}

export function toWireBranch(branch: Branch): WireBranch {
  return branch.map((entry) => [entry.index, entry.count, entry.generation])
}

/** A key for maps: unique per branch of one job. */
export function branchKey(branch: Branch): string {
  return branch
    .map((entry) => `${String(entry.index)}.${String(entry.count)}.${entry.generation}`)
    .join('/')
}

/** As long as the deepest branch with the longest generations. */
const BRANCH_KEY = /^[\w./-]{0,10000}$/

/** Whether it may be a branch's key: what it names there may not be. */
export function isBranchKey(value: unknown): value is string {
  return typeof value === 'string' && BRANCH_KEY.test(value)
}

/** 22 characters of base64url = 132 bits: no collision in any real fan-out. */
const HASH_LENGTH = 22

/** Loaded for the first fan-out: it is 2 to 3 MiB in every thread, and most actors have none. */
let crypto: typeof NodeCrypto | undefined

/** Hashes parts with their lengths, so that no two lists of parts read alike. */
function hash(parts: readonly (Uint8Array | string)[]): string {
  crypto ??= process.getBuiltinModule('node:crypto')
  const digest = crypto.createHash('sha256')
  for (const part of parts) {
    digest.update(`${String(typeof part === 'string' ? Buffer.byteLength(part) : part.length)}:`)
    digest.update(part)
  }
  return digest.digest('base64url').slice(0, HASH_LENGTH)
}

/** Names an answer by its outputs' bytes (payloads and changed routes, in order). */
export function generationOf(outputs: readonly (Uint8Array | string)[]): string {
  return hash(outputs)
}

export interface Lineage {
  readonly parentId: string
  /** Index of the parent's step in its route, and its name: a route may visit an actor twice. */
  readonly stepIndex: number
  readonly step: string
  readonly generation: string
}

/** The id of a fan-out child: derived from parent, step, generation and index. */
export function childId(lineage: Lineage, index: number): string {
  const { parentId, stepIndex, step, generation } = lineage
  return hash([parentId, String(stepIndex), step, generation, String(index)])
}
