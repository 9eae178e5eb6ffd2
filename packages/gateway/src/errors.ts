/** PostgreSQL is away, or takes no writes: try again later; nothing was changed, or it is not known. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
  readonly code = 'database_unavailable'

  constructor(cause: unknown) {
    super(
      `the database does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  }
}

/** The database is not what this version needs: the process cannot start. `message` says what to do. */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError'
  readonly code = 'database_setup_error'
}

/** A value cannot be kept as it is (NUL in a text, a number out of range): nothing was changed. */
export class UnfitValueError extends Error {
  override readonly name = 'UnfitValueError'
  readonly code = 'unfit_value'

  constructor(cause: unknown) {
    super('a value holds what the database cannot keep, such as the character U+0000', { cause })
  }
}
