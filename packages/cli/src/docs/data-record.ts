/** Data that was parsed, and of which nothing is known yet. */
export type DataRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is DataRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member when it is an object, else an empty one. */
export function readRecord(record: DataRecord, name: string): DataRecord {
  const value = record[name]
  return isRecord(value) ? value : {}
}

export function readList(record: DataRecord, name: string): readonly unknown[] {
  const value = record[name]
  return Array.isArray(value) ? value : []
}

export function readText(record: DataRecord, name: string): string | undefined {
  const value = record[name]
  return typeof value === 'string' ? value : undefined
}
