// An array is a list of its elements.
export type Strings = string[]

// A readonly array is an array.
export type ReadonlyStrings = readonly string[]

// Arrays may hold arrays.
export type Matrix = number[][]

// The elements of an array without a name are called after the array.
export interface Basket {
  items: { name: string; price: number }[]
}

// An element that may be null says so.
export type Gaps = (number | null)[]

// An array of a union takes any of its members at each place.
export type Mixed = (string | number)[]

// A tuple is a list of a fixed length, each element with a schema of its own.
export type Pair = [string, number]

// A readonly tuple is a tuple.
export type ReadonlyPair = readonly [lat: number, lon: number]

// An element that a tuple may leave out is not counted by minItems.
export type OptionalElement = [string, number?, boolean?]

// What follows in a tuple without end is said of additionalItems.
export type HeadAndRest = [string, ...number[]]

// A tuple that is nothing but a rest is an array.
export type OnlyRest = [...number[]]

// Draft-07 cannot say what stands after a rest: each of those may be any of them.
export type RestInTheMiddle = [string, ...number[], boolean]

// A rest at the beginning is said the same way.
export type RestAtTheStart = [...number[], string]

// The empty tuple takes the empty list alone.
export type EmptyTuple = []

// A list of nothing is empty.
export interface NothingInside {
  list: never[]
}

// A tuple of objects calls each after its place.
export type Route = [{ from: string }, { to: string }]

// Two tuples joined by spreading are one tuple.
export type Joined = [...Pair, ...Pair]

// An array that holds itself refers to itself.
export type Nest = Nest[]

// Records of arrays of tuples are what they say.
export type Paths = Record<string, [number, number][]>
