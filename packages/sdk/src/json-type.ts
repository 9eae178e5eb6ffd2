/**
 * Which types survive JSON, decided by the compiler, and what to tell the author of one that does
 * not. The verdict (`Surviving`) is lazy, so recursive types are fine; the path of the culprit is
 * searched only when the verdict is bad, one level deeper at a time.
 */

/** Any value that JSON can hold: the type for payloads of which nothing more is known. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** `undefined` stands for a member that is left out. */
type Scalar = string | number | boolean | null | undefined

type Callable = ((...args: never) => unknown) | (abstract new (...args: never) => unknown)

type Bytes = ArrayBufferView | ArrayBuffer

/** What JSON.stringify turns into something else, or drops. */
type Lost =
  | bigint
  | symbol
  | Callable
  | Date
  | RegExp
  | Bytes
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | PromiseLike<unknown>
  | AsyncIterable<unknown>
  | Iterable<unknown>
  | Convertible

/** Decimals, URLs, dates of libraries: JSON holds what they turn into. */
interface Convertible {
  toJSON(key?: never): unknown
}

type IsAny<T> = 0 extends 1 & T ? true : false

/** `object` itself; `{}` and types whose members are all optional are something else. */
type IsAnyObject<T> = object extends T
  ? [keyof T] extends [never]
    ? string extends T
      ? false
      : true
    : false
  : false

/** Element types; an element that a tuple may leave out is not an element that may be undefined. */
type Elements<T extends readonly unknown[]> = number extends T['length']
  ? T[number]
  : Required<T>[number]

/** A tuple that may leave elements out holds undefined for the compiler, but not in JSON. */
type LeftOut<T extends readonly unknown[]> = number extends T['length']
  ? never
  : T extends Required<T>
    ? never
    : undefined

/** The names of the members that make an object iterable. */
type IteratorName = typeof Symbol.iterator | typeof Symbol.asyncIterator

/**
 * T with everything that JSON loses replaced by never: T is assignable to it exactly if it
 * survives. Dates, Maps, … fall by their methods: looking for each of them here would be slow.
 * Members named by other symbols are left out, as JSON leaves them out: brands pass.
 */
type Surviving<T> =
  IsAny<T> extends true
    ? never
    : T extends Scalar
      ? T
      : T extends readonly unknown[]
        ? readonly (SurvivingElement<Elements<T>> | LeftOut<T>)[]
        : T extends bigint | symbol | void | Callable
          ? never
          : IsAnyObject<T> extends true
            ? never
            : {
                [
                  Name in keyof T as Name extends symbol ? Extract<Name, IteratorName> : Name
                ]: Surviving<T[Name]>
              }

/** In an array `undefined` becomes null. */
type SurvivingElement<T> = T extends undefined ? never : Surviving<T>

/** Why this very type is lost; never when it is not, or only something inside it. */
type Loss<T> =
  IsAny<T> extends true
    ? 'any hides what travels; write its type, or Json'
    : unknown extends T
      ? 'unknown hides what travels; write its type, or Json'
      : T extends Scalar | readonly unknown[]
        ? never
        : T extends Lost
          ? LossOf<T>
          : T extends void
            ? 'void does not survive JSON; use null'
            : IsAnyObject<T> extends true
              ? 'object hides what travels; write its type'
              : never

type LossOf<T extends Lost> = T extends bigint
  ? 'a bigint does not survive JSON; use a string'
  : T extends symbol
    ? 'a symbol does not survive JSON; use a string'
    : T extends Callable
      ? 'a function does not survive JSON; leave it out'
      : T extends Date
        ? 'a Date does not survive JSON; use an ISO string'
        : T extends RegExp
          ? 'a RegExp does not survive JSON; use its source'
          : T extends Bytes
            ? 'bytes do not survive JSON; use a base64 string'
            : T extends ReadonlyMap<unknown, unknown>
              ? 'a Map does not survive JSON; use an object'
              : T extends ReadonlySet<unknown>
                ? 'a Set does not survive JSON; use an array'
                : T extends PromiseLike<unknown>
                  ? 'a Promise does not survive JSON; await it'
                  : T extends AsyncIterable<unknown> | Iterable<unknown>
                    ? 'an iterator does not survive JSON; use an array'
                    : 'an object with toJSON does not survive JSON; use what it turns into'

/** Something inside a type, at a path such as `.items[].at`. */
type At<Path extends string, Text extends string> = Path extends '' ? Text : `at ${Path} ${Text}`

/** All losses at most `Depth` levels below T. */
type LossesIn<T, Path extends string, Depth extends readonly unknown[]> =
  | At<Path, Loss<T>>
  | (Depth extends readonly [unknown, ...infer Rest] ? LossesBelow<T, Path, Rest> : never)

type LossesBelow<T, Path extends string, Depth extends readonly unknown[]> = unknown extends T
  ? never
  : T extends Scalar
    ? never
    : T extends readonly unknown[]
      ? LossesIn<Elements<T>, `${Path}[]`, Depth> | UndefinedElement<T, Path>
      : T extends Lost | void
        ? never
        : {
            [Name in keyof T & (string | number)]-?: [T[Name]] extends [Surviving<T[Name]>]
              ? never
              : LossesIn<T[Name], `${Path}.${string extends Name ? '*' : Name}`, Depth>
          }[keyof T & (string | number)]

type UndefinedElement<T extends readonly unknown[], Path extends string> =
  undefined extends Elements<T>
    ? unknown extends Elements<T>
      ? never
      : At<`${Path}[]`, 'undefined does not survive JSON; use null'>
    : never

/** Deeper culprits are reported without their path. */
type MaxSearchDepth = 9

type SearchLoss<T, Depth extends readonly unknown[]> = Depth['length'] extends MaxSearchDepth
  ? 'a value deep inside does not survive JSON'
  : [LossesIn<T, '', Depth>] extends [never]
    ? SearchLoss<T, readonly [...Depth, 0]>
    : OneOf<LossesIn<T, '', Depth>>

/**
 * One member of a union, so that an error stays one sentence: of an intersection of functions, as
 * of overloads, inference sees the last.
 */
export type OneOf<Union> = (Union extends unknown ? (take: () => Union) => void : never) extends (
  take: infer Overloads,
) => void
  ? Overloads extends () => infer Member
    ? Member
    : never
  : never

/** Why T does not survive JSON, as a sentence with the path; never when it does. */
export type WhyLost<T> = [T] extends [Surviving<T>] ? never : SearchLoss<T, readonly []> & string

/** Why T cannot be a payload: as `WhyLost`, and a message always has a payload. */
export type WhyNoPayload<T> = [T] extends [never]
  ? 'never is no payload; write its type'
  : [WhyLost<T>] extends [never]
    ? undefined extends T
      ? 'a payload is never undefined; use null'
      : never
    : WhyLost<T>
