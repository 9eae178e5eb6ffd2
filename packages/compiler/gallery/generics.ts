interface Page<Item, Cursor = string> {
  items: Item[]
  next?: Cursor
}
interface Verdict {
  label: string
}
type Wrapped<T> = { value: T }
type Result<T> = { ok: true; value: T } | { ok: false; error: string }

// An instance of a generic type is called after its arguments.
export interface OfOne {
  page: Page<Verdict, number>
}

// A default argument is written out.
export interface OfDefault {
  page: Page<Verdict>
}

// Two instances are two schemas.
export interface OfTwo {
  texts: Page<string>
  numbers: Page<number>
}

// Arguments may have arguments.
export interface Nested {
  pages: Page<Wrapped<Verdict>>
}

// Lists, literals and unions among the arguments are spelled out.
export interface Spelled {
  list: Wrapped<string[]>
  literal: Wrapped<'a b'>
  union: Wrapped<string | null>
  tuple: Wrapped<[number, Verdict]>
}

// An argument without a name is spelled out by its members.
export interface Anonymous {
  page: Wrapped<{ url: string; words: number }>
}

// An argument that is too long for a name is cut, and told apart by a hash.
export interface Long {
  page: Wrapped<{
    firstVeryLongName: string
    secondVeryLongName: string
    thirdVeryLongName: string
  }>
}

// A generic union keeps its discriminator out: booleans tell apart, but are no texts.
export interface OfUnion {
  result: Result<Verdict>
}

// A generic interface that extends an instance has its members.
export interface Extended extends Page<Verdict> {
  total: number
}

// An alias of an instance names it.
export type VerdictPage = Page<Verdict>

// An alias of an alias is one of the two, and the last one names it.
export type WrappedText = Wrapped<string>

// A generic type that holds itself with the same argument refers to itself.
interface List<T> {
  head: T
  tail?: List<T>
}
// A generic type that holds itself with the same argument refers to itself.
export interface OfList {
  list: List<number>
}

interface Growing<T> {
  value: T
  inner?: Growing<Growing<T>>
}
// A type that never repeats is refused.
export interface Endless {
  growing: Growing<string>
}
