interface Page {
  url: string
}

// A dictionary says what its values are.
export type Counts = Record<string, number>

// An index signature is a dictionary.
export interface Index {
  [name: string]: Page
}

// A dictionary at a member needs no name.
export interface Inline {
  counts: Record<string, number>
  pages: { [name: string]: Page }
}

// Values without a name are called after the dictionary.
export interface Values {
  byName: Record<string, { count: number }>
}

// A dictionary of known names has those members.
export type Known = Record<'b' | 'a', Page>

// Known names that may be missing are optional.
export type PartlyKnown = Partial<Record<'a' | 'b', number>>

// Members beside an index signature are described on their own.
export interface Both {
  id: string
  [name: string]: string
}

// Names that are numbers are a pattern.
export type ByNumber = Record<number, Page>

// Names of a template are a pattern.
export interface ByTemplate {
  [name: `x-${string}`]: string
}

// A value that may be undefined is left out by JSON.
export type Holes = Record<string, string | undefined>

// A dictionary of nothing is empty.
export type Nothing = Record<string, never>

// A dictionary may hold dictionaries.
export type Deep = Record<string, Record<string, boolean>>

// A dictionary that holds itself refers to itself.
export interface Folders {
  [name: string]: Folders
}

// An object type without members takes any record.
export interface Empty {}

// Names that are no identifiers are names as any other.
export interface Odd {
  'a b': string
  1: number
  'x-y'?: boolean
}

// A member may have the name of what every object has.
export interface Proto {
  __proto__: string
}

// A member named by a symbol is left out, as JSON leaves it out.
declare const secret: unique symbol
// A member named by a symbol is left out, as JSON leaves it out.
export interface WithSymbol {
  name: string
  [secret]: Date
}
