/** A server that is there already; an empty variable counts as unset. */
export function readGivenUrl(): string | undefined {
  return process.env['ASYA_DATABASE_URL'] || undefined
}
