// Each exported type is a case: the sentence above it is the law that it shows.
// objects.json beside this file says what becomes of it.

// An interface is an object of its members, in the order in which they are declared.
export interface Page {
  url: string
  words: number
  isRead: boolean
  nothing: null
}

// A member that is optional is not required.
export interface OptionalMember {
  url: string
  title?: string
}

// A member that may be undefined is left out by JSON, so it is not required.
export interface UndefinedMember {
  title: string | undefined
  subtitle?: string | undefined
}

// A member that is always undefined is never there.
export interface AlwaysUndefined {
  url: string
  none: undefined
  never?: never
}

// A member that may be null says so.
export interface NullableMember {
  title: string | null
  page: Page | null
  pages?: Page[] | null
}

// An object type without a name is called after where it stands.
export type Inline = {
  place: { city: string; position: { lat: number; lon: number } }
  visits: { at: string }[]
}

// A type that holds itself refers to itself.
export interface Tree {
  value: number
  children: Tree[]
  parent?: Tree | null
}

// Types that hold each other refer to each other.
export interface Folder {
  files: Record<string, File>
}
interface File {
  folder?: Folder
  size: number
}
