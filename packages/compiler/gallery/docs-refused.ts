interface Page {
  url: string
}

// @minLength is for texts.
export interface LengthOfNumber {
  /** @minLength 1 */
  count: number
}

// @minimum is for numbers.
export interface MinimumOfText {
  /** @minimum 1 */
  text: string
}

// @minItems is for lists.
export interface ItemsOfRecord {
  /** @minItems 1 */
  page: Page
}

// @pattern is for texts, whatever null says.
export interface PatternOfMaybeNumber {
  /** @pattern ^a */
  count?: number | null
}

// @integer is for numbers.
export interface IntegerOfText {
  /** @integer */
  text: string
}

// A bound needs a number.
export interface NoNumber {
  /** @minimum zero */
  count: number
}

// A length needs a whole number.
export interface NoCount {
  /** @maxLength 1.5 */
  text: string
}

// A length is not negative.
export interface Negative {
  /** @minLength -1 */
  text: string
}

// A tag that says nothing says so.
export interface SaysNothing {
  /** @minLength */
  text: string
}

// A pattern is a regular expression.
export interface NoPattern {
  /** @pattern ([a-z */
  text: string
}

// The name of a format is one word.
export interface NoFormat {
  /** @format a date */
  at: string
}

// What no value fits is refused.
export interface NoValue {
  /**
   * @minimum 5
   * @maximum 1
   */
  count: number
}

// A default fits its type.
export interface WrongDefault {
  /** @default many */
  count: number
}

// A default fits the other tags.
export interface DefaultOutOfBounds {
  /**
   * @minimum 1
   * @default 0
   */
  count: number
}

// A default of an enum is one of its values.
export interface DefaultOfEnum {
  /** @default c */
  kind: 'a' | 'b'
}

// An example fits its type.
/** @example { "urls": "x" } */
export interface WrongExample {
  url: string
}

// An example of a member that refers to another type fits that.
export interface WrongExampleOfReference {
  /** @example { "url": 1 } */
  page: Page
}

// @multipleOf is above 0.
export interface MultipleOfZero {
  /** @multipleOf 0 */
  count: number
}

// @uniqueItems is true, false or nothing.
export interface OddFlag {
  /** @uniqueItems maybe */
  tags: string[]
}
