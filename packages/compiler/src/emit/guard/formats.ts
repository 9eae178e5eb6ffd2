import { fastFormats, fullFormats } from 'ajv-formats/dist/formats.js'

const DATE =
  '\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|[12]\\d))'
const TIME =
  '(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d+)?(?:[zZ]|[+-](?:[01]\\d|2[0-3]):?[0-5]\\d)'

/**
 * The formats that guards look at, each as one expression, so that a guard needs no import: those of
 * ajv-formats that are one, and dates (it has functions for them, which also know leap years).
 * Other formats are words for readers.
 */
export const GUARD_FORMATS: Readonly<Record<string, RegExp>> = {
  ...listExpressions(fastFormats),
  ...listExpressions(fullFormats),
  date: new RegExp(`^${DATE}$`),
  time: new RegExp(`^${TIME}$`),
  'date-time': new RegExp(`^${DATE}[tT ]${TIME}$`),
}

function listExpressions(formats: Readonly<Record<string, unknown>>): Record<string, RegExp> {
  const entries = Object.entries(formats)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, RegExp] => entry[1] instanceof RegExp),
  )
}
