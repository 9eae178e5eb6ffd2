import { emitAll, type Model } from '@asya/compiler'
import { compare, ratePerSecond, type Row } from './measure.ts'
import { PAYLOADS } from './payloads.ts'

/**
 * What a guard costs: a payload is parsed and checked by the schema of its type; against parsing it
 * alone. A ratio of 0.9 means that the check takes a tenth of the time.
 */
export async function* benchGuard(): AsyncGenerator<Row> {
  const guard = await loadGuard()
  for (const name of ['1KB', '100KB-tree'] as const) {
    const payload = PAYLOADS[name]
    yield await compare({
      row: `guard/${name}`,
      unit: 'payloads/s',
      measured: () => ratePerSecond(() => checkOnce(guard, payload), MEASURED_MS),
      baseline: () => ratePerSecond(() => JSON.parse(payload) as unknown, MEASURED_MS),
    })
  }
}

const MEASURED_MS = 400

interface Guard {
  readonly checkInput: (value: unknown) => object | undefined
}

function checkOnce(guard: Guard, payload: string): void {
  const mistake = guard.checkInput(JSON.parse(payload))
  if (mistake) throw new Error(`the payload is refused: ${JSON.stringify(mistake)}`)
}

async function loadGuard(): Promise<Guard> {
  const file = emitAll(MODEL).find(({ path }) => path === 'guards/keep.mjs')
  const url = `data:text/javascript,${encodeURIComponent(file?.content ?? '')}`
  return (await import(url)) as Guard
}

/** An actor that takes the payloads of the benches. */
const MODEL: Model = {
  project: { name: 'bench', version: '1.0.0' },
  actors: [
    {
      name: 'keep',
      kind: 'node',
      queue: 'keep',
      declared: { file: 'keep.ts', line: 1, column: 1 },
      exportName: 'keep',
      input: { schema: { $ref: '#/components/schemas/Tree' }, typeText: 'Tree' },
      cardinality: 'none',
      settings: {},
    },
  ],
  pipelines: [],
  schemas: {
    Item: {
      type: 'object',
      required: ['id', 'name', 'score', 'isKept', 'tags'],
      properties: {
        id: { type: 'integer', minimum: 0 },
        name: { type: 'string', minLength: 1, maxLength: 100 },
        score: { type: 'number' },
        isKept: { type: 'boolean' },
        tags: { type: 'array', items: { type: ['string', 'null'] } },
      },
    },
    Tree: {
      type: 'object',
      required: ['items'],
      properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Item' } } },
    },
  },
}
