import { isStepName, MAX_STEPS, parseDurationMs } from '@asya/protocol'
import { suggestName } from '@asya/protocol/suggest-name'
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import type { ToolDefaults } from './catalog-tools.ts'
import { compileCheck } from './check-arguments.ts'
import { fillDefaults } from './fill-defaults.ts'
import { parametersSchema, toObjectSchema } from './parameter.ts'
import { ToolFileError } from './tool-file-error.ts'
import type { ArgumentCheck, GatewayTool } from './tool.ts'

/** The tools of a YAML file at ASYA_CONFIG_PATH, in the form of the original. */

/** Seconds, as in the original, or a duration such as `5m`. */
const timeout = z.union([z.number(), z.string()]).transform((value, context) => {
  const timeoutMs = typeof value === 'number' ? value * 1_000 : parseDurationMs(value)
  if (timeoutMs !== undefined && timeoutMs > 0) return Math.round(timeoutMs)
  context.addIssue({ code: 'custom', message: 'expected seconds, or a duration such as 90s or 5m' })
  return z.NEVER
})

const step = z.string().refine(isStepName, { error: 'expected the name of a queue' })

const steps = z.array(step).min(1).max(MAX_STEPS)

/** Revision 2025-11-25, "Tool Names". */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/

const tool = z.strictObject({
  name: z.string().regex(TOOL_NAME, { error: 'expected 1 to 128 letters, digits, _, . or -' }),
  title: z.string().optional(),
  description: z.string().optional(),
  deprecated: z.string().optional(),
  parameters: parametersSchema.optional(),
  route: z.union([steps, z.string()], {
    error: 'expected a list of queues, or the name of a route',
  }),
  // Progress is always told to who asks for it: the original had it on or off.
  progress: z.boolean().optional(),
  timeout: timeout.optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  annotations: z.record(z.string(), z.union([z.boolean(), z.string()])).optional(),
  partial: z.boolean().optional(),
  tasks: z.enum(['never', 'required']).optional(),
})

const file = z.strictObject({
  defaults: z
    .strictObject({ progress: z.boolean().optional(), timeout: timeout.optional() })
    .optional(),
  routes: z.record(z.string(), steps).optional(),
  tools: z.array(tool),
})

type ToolFile = z.infer<typeof file>
type FileTool = ToolFile['tools'][number]

/** Reads the text of the file at `path`. Throws a ToolFileError with every problem. */
export function readYamlTools(path: string, text: string, defaults: ToolDefaults): GatewayTool[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = new Problems(path, document, lines)
  for (const { message, pos } of document.errors) problems.addAt(pos[0], message)
  problems.throwIfAny()
  const parsed = file.safeParse(document.toJS())
  if (!parsed.success) for (const issue of parsed.error.issues) problems.addIssue(issue)
  problems.throwIfAny()
  if (!parsed.success) return []
  const tools = toTools(parsed.data, defaults, problems)
  problems.throwIfAny()
  return tools
}

function toTools(data: ToolFile, defaults: ToolDefaults, problems: Problems): GatewayTool[] {
  const { routes = {}, defaults: own = {} } = data
  const names = new Set<string>()
  return data.tools.flatMap((one, index) => {
    if (names.has(one.name))
      problems.add(['tools', index, 'name'], 'is the name of another tool too')
    names.add(one.name)
    const route = typeof one.route === 'string' ? findRoute(routes, one.route) : one.route
    if (!route) {
      const known = Object.keys(routes)
      const hint =
        known.length === 0 ? '; the file has none' : suggestName(String(one.route), known)
      problems.add(['tools', index, 'route'], `expected the name of one of the routes${hint}`)
      return []
    }
    return [toTool(one, route, one.timeout ?? own.timeout ?? defaults.timeoutMs)]
  })
}

function findRoute(
  routes: Readonly<Record<string, readonly string[]>>,
  name: string,
): readonly string[] | undefined {
  return Object.hasOwn(routes, name) ? routes[name] : undefined
}

function toTool(one: FileTool, route: readonly string[], timeoutMs: number): GatewayTool {
  const { name, title, description, deprecated, annotations, metadata, parameters = {} } = one
  const inputSchema = toObjectSchema(parameters)
  const check = compileCheck(inputSchema, undefined)
  return {
    ...{ name, title, description, deprecated, annotations, metadata, inputSchema },
    ...{ outputSchema: undefined, results: 'one', route, timeoutMs, tasks: one.tasks },
    isPartial: one.partial ?? false,
    toPayload: (bytes): ArgumentCheck => {
      const checked = check(bytes)
      if (!checked.ok) return checked
      return { ok: true, payload: fillDefaults(checked.payload, parameters) }
    },
  }
}

type Path = readonly PropertyKey[]

/** What is wrong with a file, with the lines where it is. */
class Problems {
  readonly #path: string
  readonly #document: Document
  readonly #lines: LineCounter
  readonly #found: string[] = []

  constructor(path: string, document: Document, lines: LineCounter) {
    this.#path = path
    this.#document = document
    this.#lines = lines
  }

  addAt(offset: number, message: string): void {
    const { line } = this.#lines.linePos(offset)
    this.#found.push(`${this.#path}:${line}: ${message}`)
  }

  add(path: Path, message: string): void {
    const { node, value } = this.#find(path)
    const shown = value === undefined ? 'is missing' : `is ${show(value)}`
    const text = message.startsWith('is ') ? `${shown}, which ${message}` : `${shown}: ${message}`
    this.addAt(node, `${showPath(path)} ${text}`)
  }

  addIssue(issue: z.core.$ZodIssue): void {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.add([...issue.path, key], 'there is no such setting here')
      return
    }
    // Of a choice that fits nowhere the first one's complaint says the most.
    const [first] = issue.code === 'invalid_union' ? issue.errors.flat() : []
    if (first && first.path.length > 0) {
      this.addIssue({ ...first, path: [...issue.path, ...first.path] })
      return
    }
    this.add(issue.path, lowerFirst(issue.message))
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw new ToolFileError(this.#found.join('\n'))
  }

  /** The node at the path, or the nearest around it. */
  #find(path: Path): { node: number; value: unknown } {
    const keys = path.filter((key) => typeof key !== 'symbol')
    const value: unknown = this.#document.getIn(keys, false)
    for (let length = keys.length; length >= 0; length--) {
      const node: unknown = this.#document.getIn(keys.slice(0, length), true)
      if (isNode(node) && node.range) return { node: node.range[0], value: toPlain(value) }
    }
    return { node: 0, value: toPlain(value) }
  }
}

function toPlain(value: unknown): unknown {
  return isNode(value) ? (value.toJSON() as unknown) : value
}

const MAX_SHOWN = 100

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, MAX_SHOWN)
}

/** Such as `tools[2].parameters.model`. */
function showPath(path: Path): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
  return text === '' ? 'the file' : text.replace(/^\./, '')
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
