import type { OneOf } from './json-type.ts'

/**
 * Says in a sentence what of one type does not fit another. The compiler's own explanation is longer,
 * and cannot be put where the mistake was made.
 */

/** Deeper differences are reported at the place where the search ended. */
type MaxDepth = 8

/** What of `Given` does not fit `Wanted`, with its path; never when all of it does. */
export type WhyUnfit<
  Given,
  Wanted,
  Path extends string = '',
  Depth extends readonly unknown[] = readonly [],
> = [Given] extends [Wanted]
  ? never
  : Depth['length'] extends MaxDepth
    ? `${Place<Path>} does not fit`
    : WhyMemberUnfit<OneOf<Unfit<Given, Wanted>>, Wanted, Path, readonly [...Depth, 0]>

/** The members of the union `Given` that do not fit. */
type Unfit<Given, Wanted> = Given extends Wanted ? never : Given

type List = readonly unknown[]

type WhyMemberUnfit<Given, Wanted, Path extends string, Depth extends List> = Given extends null
  ? `${Place<Path>} may be null`
  : Given extends undefined
    ? `${Place<Path>} may be missing`
    : Given extends string | number | boolean
      ? WhyScalarUnfit<Given, Wanted, Path>
      : Given extends List
        ? WhyListUnfit<Given, Extract<Wanted, List>, Wanted, Path, Depth>
        : WhyRecordUnfit<Given, Exclude<Extract<Wanted, object>, List>, Wanted, Path, Depth>

/** A literal is named when only other values of its kind would fit. */
type WhyScalarUnfit<Given extends string | number | boolean, Wanted, Path extends string> =
  Kind<Given> extends Kind<Wanted>
    ? `${Place<Path>} may be ${Shown<Given>}`
    : WrongKind<Given, Wanted, Path>

type Shown<Given extends string | number | boolean> = string extends Given
  ? 'any string'
  : number extends Given
    ? 'any number'
    : Given extends string
      ? `'${Given}'`
      : `${Given}`

type WhyListUnfit<
  Given extends List,
  WantedList extends List,
  Wanted,
  Path extends string,
  Depth extends List,
> = [WantedList] extends [never]
  ? WrongKind<Given, Wanted, Path>
  : [WhyUnfit<Given[number], WantedList[number], `${Path}[]`, Depth>] extends [never]
    ? Given extends unknown[]
      ? `${Place<Path>} may have another length`
      : `${Place<Path>} is readonly; let the next take a readonly array`
    : WhyUnfit<Given[number], WantedList[number], `${Path}[]`, Depth>

type WhyRecordUnfit<Given, WantedRecord, Wanted, Path extends string, Depth extends List> = [
  WantedRecord,
] extends [never]
  ? WrongKind<Given, Wanted, Path>
  : WhyMembersUnfit<Given, Counterpart<Given, WantedRecord>, Path, Depth>

/** Of a union of records the ones with the same literals; all of them when there is none. */
type Counterpart<Given, Wanted> = [SameLiterals<Given, Wanted>] extends [never]
  ? Wanted
  : SameLiterals<Given, Wanted>

type SameLiterals<Given, Wanted> = Wanted extends unknown
  ? Given extends Pick<Wanted, NamesOfLiterals<Wanted> & keyof Given>
    ? Wanted
    : never
  : never

type NamesOfLiterals<T> = {
  [Name in keyof T]-?: T[Name] extends string | number | boolean
    ? string extends T[Name]
      ? never
      : number extends T[Name]
        ? never
        : Name
    : never
}[keyof T]

type WhyMembersUnfit<Given, Wanted, Path extends string, Depth extends List> = [
  Exclude<RequiredNames<Wanted>, keyof Given>,
] extends [never]
  ? WhySharedUnfit<Given, Wanted, Path, Depth> extends infer Why
    ? [Why] extends [never]
      ? WhyRestUnfit<Given, Wanted, Path>
      : OneOf<Why>
    : never
  : `${Path}.${OneOf<Exclude<RequiredNames<Wanted>, keyof Given>> & string} is missing`

type WhySharedUnfit<Given, Wanted, Path extends string, Depth extends List> = {
  [Name in keyof Wanted & keyof Given & (string | number)]: WhyUnfit<
    Given[Name],
    Wanted[Name],
    `${Path}.${string extends Name ? '*' : Name}`,
    Depth
  >
}[keyof Wanted & keyof Given & (string | number)]

/** Every member fits, and yet the record does not. */
type WhyRestUnfit<Given, Wanted, Path extends string> = string extends keyof Wanted
  ? `${Place<Path>} is an interface, which has no index signature; make it a type`
  : string extends keyof Given
    ? `${Path}.${OneOf<RequiredNames<Wanted>> & string} may be missing`
    : [keyof Given & keyof Wanted] extends [never]
      ? `${Place<Path>} has no member that the next takes`
      : `${Place<Path>} does not fit`

type RequiredNames<T> = {
  [Name in keyof T & string]-?: string extends Name
    ? never
    : object extends Pick<T, Name>
      ? never
      : Name
}[keyof T & string]

type Place<Path extends string> = Path extends '' ? 'the payload' : Path

type WrongKind<
  Given,
  Wanted,
  Path extends string,
> = `${Place<Path>} is ${Kind<Given>}, not ${Kind<Wanted>}`

/** The kinds of JSON values in a type, each once. */
type Kind<T> = T extends string
  ? 'a string'
  : T extends number
    ? 'a number'
    : T extends boolean
      ? 'a boolean'
      : T extends null | undefined
        ? never
        : T extends List
          ? 'an array'
          : 'an object'
