import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../errors.ts'
import { readJson } from '../json/json-tree.ts'

/** Where payloads come from, as it was typed. */
export interface PayloadSources {
  readonly json: readonly string[]
  readonly file: readonly string[]
  /** `-` */
  readonly stdin: boolean
}

/** The payloads of a call as bytes, each one JSON value: `--json` first, then files, then stdin. */
export async function readPayloads(sources: PayloadSources): Promise<readonly Uint8Array[]> {
  const given = sources.json.map((text) => check(Buffer.from(text), '--json'))
  const files = await Promise.all(sources.file.map(readPayloadFile))
  const stdin = sources.stdin ? [check(await buffer(process.stdin), 'stdin')] : []
  return [...given, ...files, ...stdin]
}

async function readPayloadFile(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UsageError(`--file ${path} cannot be read: ${explain(error)}`)
  })
  return check(bytes, path)
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'ENOENT') return 'there is no such file'
  return error.message
}

const BYTE_ORDER_MARK = '\ufeff'

/** Refuses what is no JSON, naming the place; what is passes as it was written. */
function check(bytes: Uint8Array, source: string): Uint8Array {
  if (!isUtf8(bytes)) throw new UsageError(`${source}: this is not JSON: it is no UTF-8 text`)
  const decoded = Buffer.from(bytes).toString()
  const text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded
  const reading = readJson(text)
  if (reading.ok) return Buffer.from(text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''))
  const { line, column, reason } = reading
  const shown = showLine(text, line, column)
  throw new UsageError(
    `${source}: this is not JSON: line ${line}, column ${column}: ${reason}\n\n${shown}`,
  )
}

const SHOWN_COLUMNS = 70

/** The line with the mistake, and a mark below it. */
function showLine(text: string, line: number, column: number): string {
  const whole = (text.split('\n')[line - 1] ?? '').replace(/[^\P{Cc}]/gu, ' ')
  const from = Math.max(0, column - SHOWN_COLUMNS)
  return `  ${whole.slice(from, from + SHOWN_COLUMNS + 10)}\n  ${' '.repeat(column - 1 - from)}^`
}
