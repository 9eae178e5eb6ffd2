import { readFileSync } from 'node:fs'
import { bytesToText, toJsonBytes } from '@asya/protocol'
import { describe, expect, it } from 'vitest'
import { readYamlTools } from './yaml-tools.ts'

const DEFAULTS = { timeoutMs: 60_000 }

const read = (text: string) => readYamlTools('routes.yaml', text, DEFAULTS)

const FILE = `
defaults: { progress: true, timeout: 300 }
routes:
  standard: [parse, ask, judge]
tools:
  - name: answer
    title: Answer a question
    description: Answers a question about a text.
    route: standard
    annotations: { readOnlyHint: true }
    metadata: { team: search }
    parameters:
      question: { type: string, required: true, description: What to ask }
      model: { type: string, options: [small, large], default: small }
      limit: { type: integer, required: true, default: 3 }
      tags: { type: array, items: { type: string } }
      style:
        type: object
        properties:
          tone: { type: string, default: dry }
          words: { type: number, required: true }
      parts:
        type: array
        items: { type: object, properties: { lang: { type: string, default: en } } }
  - { name: count_words, route: [count], timeout: 5m, partial: true, tasks: never }
`

describe('A YAML file', () => {
  it('has tools, with routes by name or in place, and times in seconds or as durations', () => {
    const [answer, count] = read(FILE)
    expect(answer).toMatchObject({
      name: 'answer',
      title: 'Answer a question',
      route: ['parse', 'ask', 'judge'],
      timeoutMs: 300_000,
      annotations: { readOnlyHint: true },
      metadata: { team: 'search' },
      isPartial: false,
    })
    expect(count).toMatchObject({
      ...{ name: 'count_words', route: ['count'], timeoutMs: 300_000, isPartial: true },
      ...{ tasks: 'never', inputSchema: { type: 'object', properties: {} } },
    })
  })

  it('says the schema of its parameters, in which what has a default may be left out', () => {
    expect(read(FILE)[0]?.inputSchema).toEqual({
      type: 'object',
      required: ['question'],
      properties: {
        question: { type: 'string', description: 'What to ask' },
        model: { type: 'string', enum: ['small', 'large'], default: 'small' },
        limit: { type: 'integer', default: 3 },
        tags: { type: 'array', items: { type: 'string' } },
        style: {
          type: 'object',
          required: ['words'],
          properties: { tone: { type: 'string', default: 'dry' }, words: { type: 'number' } },
        },
        parts: {
          type: 'array',
          items: { type: 'object', properties: { lang: { type: 'string', default: 'en' } } },
        },
      },
    })
  })
})

it('The example in the docs can be read', () => {
  const page = readFileSync(new URL('../../../../docs/gateway.md', import.meta.url), 'utf8')
  const [, example = ''] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? []
  expect(read(example).map(({ name }) => name)).toEqual(['answer_question', 'count_words'])
})

describe('The payload of a call', () => {
  const call = (text: string) => {
    const checked = read(FILE)[0]?.toPayload(toJsonBytes(Buffer.from(text)))
    return checked?.ok === true ? bytesToText(checked.payload) : checked?.problems
  }

  it('is what the caller wrote, byte for byte, where nothing was left out', () => {
    const text = '{"question":"a" , "model":"large","limit":1.0}'
    expect(call(text)).toBe(text)
  })

  it('has the defaults behind what the caller wrote, also within objects and lists', () => {
    expect(call('{"question":"a","style":{"words":1.0},"parts":[{"lang":"de"}, {}]}')).toBe(
      '{"question":"a","style":{"words":1.0,"tone":"dry"},"parts":[{"lang":"de"},{"lang":"en"}],' +
        '"model":"small","limit":3}',
    )
  })

  it.each([
    ['{}', "arguments: must have required property 'question'"],
    ['{"question":1}', 'arguments.question: must be string'],
    [
      '{"question":"a","model":"huge"}',
      'arguments.model: must be equal to one of the allowed values',
    ],
    ['{"question":"a","limit":1.5}', 'arguments.limit: must be integer'],
    ['{"question":"a","tags":[1]}', 'arguments.tags.0: must be string'],
    ['{"question":"a","style":{}}', "arguments.style: must have required property 'words'"],
    ['[]', 'arguments: expected an object'],
  ])('is refused for %s', (text, problem) => {
    expect(call(text)).toEqual([problem])
  })

  it('does not take a name of every object for a parameter', () => {
    const text = '{"question":"a","model":"small","limit":1,"constructor":{},"__proto__":1}'
    expect(call(text)).toBe(text)
  })
})

const wrap = (parameter: string): string =>
  `tools:\n  - name: a\n    route: [b]\n    parameters:\n      p: ${parameter}\n`

describe('A file that is wrong is refused with the line, the place, the value and what would be right', () => {
  it.each([
    ['tools: [', /^routes\.yaml:1: /],
    ['tools:\n  - name: a\n    name: b', /^routes\.yaml:3: Map keys must be unique/],
    ['{}', /^routes\.yaml:1: tools is missing: invalid input: expected array/],
    [
      'tools:\n  - name: a b\n    route: [c]',
      /:2: tools\[0\]\.name is "a b": expected 1 to 128 letters/,
    ],
    ['tools:\n  - name: a', /:2: tools\[0\]\.route is missing: expected a list of queues/],
    ['tools:\n  - name: a\n    route: []', /:3: tools\[0\]\.route is \[\]: /],
    [
      'tools:\n  - name: a\n    route: [b, "c d"]',
      /:3: tools\[0\]\.route\[1\] is "c d": expected the name of a queue/,
    ],
    [
      'routes: { standard: [b] }\ntools:\n  - name: a\n    route: standart',
      /:4: tools\[0\]\.route is "standart": expected the name of one of the routes; did you mean standard\?/,
    ],
    [
      'tools:\n  - name: a\n    route: b',
      /expected the name of one of the routes; the file has none/,
    ],
    [
      'tools:\n  - name: a\n    rout: [b]\n    route: [b]',
      /:3: tools\[0\]\.rout is \["b"\]: there is no such setting here/,
    ],
    [
      'tools:\n  - { name: a, route: [b] }\n  - { name: a, route: [b] }',
      /:3: tools\[1\]\.name is "a", which is the name of another tool too/,
    ],
    [
      'tools:\n  - name: a\n    route: [b]\n    timeout: soon',
      /:4: tools\[0\]\.timeout is "soon": expected seconds, or a duration/,
    ],
    [
      wrap('{ type: text }'),
      /:5: tools\[0\]\.parameters\.p\.type is "text": invalid option: expected one of/,
    ],
    [
      wrap('{ type: string, default: 1 }'),
      /:5: tools\[0\]\.parameters\.p\.default is 1: expected a value of type string/,
    ],
    [
      wrap('{ type: string, options: [x], default: y }'),
      /\.default is "y": expected one of the options \["x"\]/,
    ],
    [
      wrap('{ type: integer, options: [1, x] }'),
      /\.options\[1\] is "x": expected a value of type integer/,
    ],
    [wrap('{ type: string, items: { type: string } }'), /\.items is .*: only an array has items/],
    [
      wrap('{ type: object, properties: { q: { type: nope } } }'),
      /parameters\.p\.properties\.q\.type is "nope"/,
    ],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })

  it('with every problem at once', () => {
    const text = 'tools:\n  - { name: "", route: [b] }\n  - { name: c, route: 1 }'
    expect(() => read(text)).toThrow(/:2: .*\n.*:3: /)
  })
})
