/** Payloads of about a size, as JSON text. */

/** Many small values: what structured data looks like. */
export function treeOf(bytes: number): string {
  const items: string[] = []
  for (let size = 2, i = 0; size < bytes; i++) {
    const item = JSON.stringify({
      id: i,
      name: `item ${String(i)}`,
      score: i / 7,
      isKept: i % 2 === 0,
      tags: ['red', 'green', null],
    })
    items.push(item)
    size += item.length + 1
  }
  return `{"items":[${items.join(',')}]}`
}

/** One long text: what a page that was read looks like. */
export function textOf(bytes: number): string {
  const sentence =
    'A page of text, "quoted" here and there,\nwith lines and a few accents: é, ü, ñ. '
  const text = sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes - 20)
  return JSON.stringify({ text })
}

/** A message on its first step, with the members that real ones have. */
export function messageOf(payload: string, steps: readonly string[] = ['bench']): Buffer {
  const head = {
    id: 'c2f7d0f4-5f0a-4c0e-9a55-0c8a3a3f7a11',
    job_id: '7b0d7f3e-6c6f-4df0-8a42-9a1f4d1f2b10',
    route: { steps, current: 0 },
    headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  }
  return Buffer.from(`${JSON.stringify(head).slice(0, -1)},"payload":${payload}}`)
}

/** The payloads that messages are measured with, by the names that rows have. */
export const PAYLOADS = {
  '1KB': treeOf(1_000),
  '100KB-text': textOf(100_000),
  '100KB-tree': treeOf(100_000),
  '1MB-text': textOf(1_000_000),
} as const

export type PayloadName = keyof typeof PAYLOADS
