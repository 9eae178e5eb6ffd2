// Any JSON is a type that holds itself.
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

// Any JSON inside a record is one reference.
export interface Envelope {
  body: Json
}

// Members may refer to what holds them.
export interface Comment {
  text: string
  author: Author
  replies: Comment[]
}
interface Author {
  name: string
  best?: Comment
  friends: Author[]
}

// A union may hold itself.
export type Expression =
  | { op: 'number'; value: number }
  | { op: 'add'; left: Expression; right: Expression }
  | { op: 'not'; of: Expression }

interface Box<T> {
  inner: T
}
// A generic type may hold what holds it.
export interface Outer {
  name: string
  box?: Box<Outer>
}

// A mapped type over a type that holds itself holds itself.
type Frozen<T> = { readonly [Name in keyof T]: Frozen<T[Name]> }
interface Node {
  next: Node | null
  names: string[]
}
// A mapped type over a type that holds itself holds itself.
export type FrozenNode = Frozen<Node>

// Three types may go round in a circle.
export interface First {
  second?: Second
}
interface Second {
  third: Third | null
}
interface Third {
  firsts: First[]
}
