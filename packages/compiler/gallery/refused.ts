interface Page {
  url: string
}

// A Date is refused.
export type ADate = Date

// A Date inside is refused at its path.
export interface DateInside {
  created_at: Date
}

// The path goes through lists, dictionaries and names that are no identifiers.
export interface DeepInside {
  items: { at: Date }[]
  byName: Record<string, Date>
  'a b': [string, Date]
}

// Every culprit is told, not the first alone.
export interface Several {
  at: Date
  size: bigint
  tags: Set<string>
}

// An optional Date is a Date.
export interface OptionalDate {
  at?: Date | null
}

// A Date in a union is a Date.
export interface DateInUnion {
  at: string | Date
}

// A Map is refused.
export interface AMap {
  ids: Map<string, number>
}

// A readonly Map is a Map.
export interface AReadonlyMap {
  ids: ReadonlyMap<string, number>
}

// A Set is refused.
export interface ASet {
  tags: Set<string>
}

// What else the language has with methods is refused by its name.
export interface AWeakMap {
  seen: WeakMap<object, string>
}

// A bigint is refused.
export interface ABigint {
  size: bigint
}

// A literal bigint is a bigint.
export interface ALiteralBigint {
  size: 1n | 2n
}

// A function is refused.
export interface AFunction {
  run: () => void
}

// A method is a function.
export interface AMethod {
  run(): void
}

// An optional method is a function.
export interface AnOptionalMethod {
  url: string
  run?(): void
}

// A constructor is a function.
export interface AConstructor {
  make: new () => Page
}

// A symbol is refused.
export interface ASymbol {
  key: symbol
}

class Money {
  amount = 1
  format(): string {
    return String(this.amount)
  }
}
// An instance of a class is refused.
export interface AnInstance {
  price: Money
}

class Plain {
  url = ''
}
// An instance of a class that has only values is refused too: what arrives is no instance of it.
export interface APlainInstance {
  plain: Plain
}

class Hidden {
  private secret = 1
  shown = this.secret
}
interface OfHidden extends Hidden {
  more: string
}
// A private member is refused: nothing tells who gets to see it.
export interface APrivateMember {
  hidden: OfHidden
}

// An Error is refused: its members are not enumerable.
export interface AnError {
  error: Error
}

// A RegExp is refused.
export interface ARegExp {
  pattern: RegExp
}

// Bytes are refused.
export interface Bytes {
  body: Uint8Array
  raw: ArrayBuffer
}

// A Buffer is bytes.
export interface ABuffer {
  body: Buffer
}

// A URL turns into something else.
export interface AUrl {
  link: URL
}

// What has a toJSON turns into something else.
export interface Convertible {
  amount: { value: number; toJSON(): string }
}

// A Promise is refused.
export interface APromise {
  page: Promise<Page>
}

// What can be awaited is a Promise.
export interface AThenable {
  page: PromiseLike<Page>
}

// An iterator is refused.
export interface AnIterator {
  items: Iterable<string>
}

// A stream is an iterator.
export interface AStream {
  items: AsyncIterable<string>
}

// A generator is an iterator.
export interface AGenerator {
  items: Generator<string>
}

// undefined in a list becomes null.
export interface UndefinedInList {
  list: (string | undefined)[]
}

// An element of a tuple that may be undefined is not one that may be left out.
export interface UndefinedInTuple {
  pair: [string, number | undefined]
}

// A payload is never undefined.
export type UndefinedPayload = Page | undefined

// void is refused.
export interface AVoid {
  nothing: void
}

// object is refused.
export interface AnObject {
  extra: object
}

// any is refused.
export type Any = any

// any inside is refused at its path.
export interface AnyInside {
  body: any
}

// unknown is refused.
export type Unknown = unknown

// unknown in a dictionary is refused.
export interface UnknownInside {
  extra: Record<string, unknown>
}

// never is no payload.
export type Never = never

// A member that has no value is refused.
export interface NeverInside {
  none: never
}

interface Holder {
  inside: { at: Date }
}
// A culprit is told where it is declared.
export interface ToldWhereDeclared {
  holder: Holder
}

// A culprit in a type that holds itself is told once.
export interface Loop {
  self?: Loop
  at: Date
}

// An array of functions is refused at its elements.
export type Handlers = (() => void)[]

// A culprit in a type argument is refused.
export interface InArgument {
  page: Partial<{ at: Date }>
}
