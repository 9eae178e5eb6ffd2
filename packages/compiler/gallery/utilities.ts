interface Page {
  /** Where it is. */
  url: string
  /** @minLength 1 */
  title?: string
  words: number
  readonly tags: readonly string[]
}
type Shape = { kind: 'circle'; radius: number } | { kind: 'square'; side: number }

// Pick keeps some members, with what is said of them.
export interface Picked {
  page: Pick<Page, 'title' | 'url'>
}

// Omit leaves some members out.
export interface Omitted {
  page: Omit<Page, 'words' | 'tags'>
}

// Partial makes every member optional.
export interface PartialPage {
  page: Partial<Page>
}

// Required makes every member required.
export interface RequiredPage {
  page: Required<Page>
}

// Readonly is for the compiler alone.
export interface ReadonlyPage {
  page: Readonly<Page>
}

// An alias of a utility names it.
export type Summary = Pick<Page, 'url' | 'words'>

// Utilities may be nested.
export type Loose = Partial<Omit<Page, 'url'>>

// Exclude leaves members of a union out.
export interface Excluded {
  kind: Exclude<'a' | 'b' | 'c', 'a'>
}

// Extract keeps members of a union.
export interface Extracted {
  shape: Extract<Shape, { kind: 'circle' }>
}

// NonNullable leaves null out.
export interface Present {
  text: NonNullable<string | null>
}

// The type of a member is the type.
export interface Looked {
  url: Page['url']
  tag: Page['tags'][number]
}

// A mapped type maps each member.
type Lengths<T> = { [Name in keyof T]: number }
// A mapped type maps each member.
export interface Mapped {
  lengths: Lengths<Page>
}

// A mapped type may rename.
export type Renamed = { [Name in keyof Page as `page_${Name}`]: Page[Name] }

// A mapped type over names has those members.
export type Counts = { [Name in 'b' | 'a' | 'c']: number }

// A mapped type may leave members out.
type OnlyTexts<T> = { [Name in keyof T as T[Name] extends string ? Name : never]: T[Name] }
// A mapped type may leave members out.
export type Texts = OnlyTexts<Page>

// A conditional type is what it comes to.
type Unwrap<T> = T extends readonly (infer Item)[] ? Item : T
// A conditional type is what it comes to.
export interface Conditional {
  tag: Unwrap<string[]>
  page: Unwrap<Page>
}

// A conditional type over a union distributes.
type Boxed<T> = T extends string ? { text: T } : { number: T }
// A conditional type over a union distributes.
export interface Distributed {
  box: Boxed<string | number>
}

// A mapped type that maps itself goes all the way down.
type DeepPartial<T> = T extends object ? { [Name in keyof T]?: DeepPartial<T[Name]> } : T
interface Settings {
  name: string
  retry: { attempts: number; unit: 's' | 'm' }
}
// A mapped type that maps itself goes all the way down.
export interface Patch {
  settings: DeepPartial<Settings>
}

// A function's result is a type as any other.
declare function load(url: string): Promise<{ text: string; page: Page }>
// A function's result is a type as any other.
export type Loaded = Awaited<ReturnType<typeof load>>

// The type of a constant is widened as the compiler widens it.
const DEFAULTS = { name: 'a', sizes: [1, 2], nested: { flag: true, none: null } }
// The type of a constant is widened as the compiler widens it.
export type Inferred = typeof DEFAULTS

// A constant that is kept as it is written is written out.
const FIXED = { name: 'a', sizes: [1, 2] } as const
// A constant that is kept as it is written is written out.
export type Fixed = typeof FIXED

// Elements of a list that a mapped type makes optional may be undefined.
export interface PatchOfList {
  list: DeepPartial<number[]>
}
