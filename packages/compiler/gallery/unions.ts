// Texts are an enum, in the order of the alphabet.
export type Verdict = 'spam' | 'ham' | 'unsure'

// One text is a const.
export type One = 'one'

// Numbers are an enum in their order.
export type Dice = 6 | 1 | 5 | 2 | 4 | 3

// true or false is a boolean, not a union.
export type Flag = boolean

// One of the two booleans is a const.
export type Yes = true

// Texts and numbers make one enum of two types.
export type Mark = 'A' | 'B' | 1 | 2

// Kinds of plain values make one schema with a list of types.
export type Id = string | number

// A boolean among other plain values stays a boolean.
export type Loose = string | boolean

// Null goes into the list of types.
export type Nullable = string | null

// Null among texts is one of the values.
export type Unclear = 'yes' | 'no' | null

// A text swallows its own literals, and the trick that keeps them for editors is a text too.
export type Model = 'small' | 'large' | (string & {})

// A text or any number is either.
export type Size = 'auto' | number

interface Circle {
  kind: 'circle'
  radius: number
}
interface Square {
  kind: 'square'
  side: number
}

// Records that one member tells apart are a oneOf with a discriminator.
export type Shape = Circle | Square

// Members of a union without a name are called after what tells them apart.
export type Event =
  | { type: 'created'; at: string }
  | { type: 'deleted'; at: string; reason: string }
  | { type: 'touched' }

// A union without a name is called after where it stands.
export interface Drawing {
  shape: { kind: 'line'; length: number } | { kind: 'dot' }
}

// Null beside a discriminated union leaves the union as it is.
export interface MaybeShape {
  shape: Shape | null
  other?: Shape
}

// A member that tells apart, but is optional in one of them, discriminates nothing.
export type OptionalKind = { kind: 'a'; a: string } | { kind?: 'b'; b: string }

// A number tells records apart, but is no discriminator.
export type Versioned = { version: 1; text: string } | { version: 2; texts: string[] }

// The same text in two of them discriminates nothing.
export type Ambiguous =
  { kind: 'a'; one: string } | { kind: 'a'; two: string } | { kind: 'b'; three: string }

// Records that nothing tells apart are an anyOf.
export type Either = { url: string } | { path: string }

// A record or a list is either.
export type OneOrMany = Circle | Circle[]

// A text or a record is either.
export type TextOrRecord = string | Circle

// The union of two unions is one union.
type Solid = { kind: 'cube'; edge: number } | { kind: 'ball'; radius: number }
// The union of two unions is one union.
export type Body = Shape | Solid

// Two members may tell apart: the first that is declared is the discriminator.
export type TwoKinds = { a: 'x'; b: 'x' } | { a: 'y'; b: 'y' }

// What TypeScript adds to a union of object literals is left out again.
const literals = [{ kind: 'x' as const, width: 1 }, { kind: 'y' as const }]
// What TypeScript adds to a union of object literals is left out again.
export type Literals = (typeof literals)[number]

// The discriminator may have several texts in a member: then it discriminates nothing.
export type Wide = { kind: 'a' | 'b'; n: number } | { kind: 'c' }

// A member of a union keeps its own name and its description.
/** What was found. */
export interface Found {
  /** How sure it is. */
  verdict: Verdict
  verdictOrNull: Verdict | null
  verdicts: Verdict[]
}
