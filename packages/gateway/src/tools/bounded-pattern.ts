import { setFlagsFromString } from 'node:v8'

/**
 * The patterns of schemas, for strings that strangers choose.
 *
 * A pattern such as `^(a+)+$` makes the usual engine try for ever. V8 has a second one, which takes time
 * in proportion to the string, and turns to it when the first one tries too long; but that one knows no
 * flag `u`, which JSON Schema asks for, no look-around and no back references. So a pattern of plain
 * characters is run without the flag, on a string in which no character takes two units: then both
 * read alike. Other patterns run as they are.
 */
const FALL_BACK = '--enable-experimental-regexp-engine-on-excessive-backtracks'

/** What says the same with and without `u`: ASCII, and no escape that names a character, a property or a group. */
const PLAIN = /^(?:[ -[\]-~]|\\[^upPkxc1-9])*$/

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g

/** Like every character beyond the first 65,536, it is in no class that a plain pattern can name. */
const STAND_IN = '\ue000'

let isSet = false

/** As ajv wants it: makes what tests strings, and throws a SyntaxError when the pattern is none. */
export function toBoundedPattern(pattern: string, flags: string): { test(text: string): boolean } {
  const asWritten = new RegExp(pattern, flags)
  if (flags !== 'u' || !PLAIN.test(pattern)) return asWritten
  if (!isSet) setFlagsFromString(FALL_BACK)
  isSet = true
  const plain = new RegExp(pattern)
  return { test: (text) => plain.test(text.replace(PAIR, STAND_IN)) }
}
// For code that ajv would write to a file, which nobody asks it for.
toBoundedPattern.code = 'toBoundedPattern'
