/** What deserves a word in a condition, although all goes on. */
export interface Warning {
  /** One word, as conditions have them. */
  readonly reason: string
  /** Names the culprit and the fix. */
  readonly message: string
}
