/** An answer of the API server that is no object: thrown, and sent as a Status. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }

  toJson(): object {
    const { code, reason, message } = this
    return makeStatus('Failure', { code, message, ...(reason !== '' && { reason }) })
  }
}

export function makeStatus(status: 'Success' | 'Failure', members: object): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status, ...members }
}

interface Named {
  /** `deployments.apps`, `configmaps` */
  readonly qualifiedPlural: string
  readonly qualifiedKind: string
}

export function notFound({ qualifiedPlural }: Named, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualifiedPlural} "${name}" not found`)
}

export function alreadyExists({ qualifiedPlural }: Named, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualifiedPlural} "${name}" already exists`)
}

export function conflict({ qualifiedPlural }: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedPlural} "${name}": ${why}`
  return new StatusError(409, 'Conflict', message)
}

export function invalid(
  { qualifiedKind }: Named,
  name: string,
  causes: readonly string[],
): StatusError {
  const why = causes.length === 1 ? causes[0] : `[${causes.join(', ')}]`
  return new StatusError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${why ?? ''}`)
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}
