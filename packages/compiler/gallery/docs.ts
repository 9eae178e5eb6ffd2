/** What a page is. */
// A comment is the description of a type and of its members.
export interface Page {
  /** Where it is. */
  url: string
  /**
   * What it says,
   * in several lines.
   */
  text: string
}

// Tags for texts are keywords.
export interface Texts {
  /**
   * @minLength 1
   * @maxLength 80
   */
  title: string
  /** @pattern ^[a-z]+(-[a-z]+)*$ */
  slug: string
  /** @format email */
  email: string
  /** @pattern ^\S+@\S+$ */
  at: string
}

// Tags for numbers are keywords.
export interface Numbers {
  /**
   * @minimum 0
   * @maximum 1
   */
  score: number
  /**
   * @exclusiveMinimum 0
   * @exclusiveMaximum 1e3
   */
  price: number
  /** @multipleOf 0.5 */
  half: number
}

// A whole number is said by @integer, or as other tools have it.
export interface Integers {
  /** @integer */
  count: number
  /** @type integer */
  typed: number
  /** @asType integer */
  asTyped: number
  /** @integer */
  maybe: number | null
}

// Tags for lists are keywords.
export interface Lists {
  /**
   * @minItems 1
   * @maxItems 5
   * @uniqueItems
   */
  tags: string[]
}

// Tags stand on optional and nullable members too.
export interface Maybe {
  /** @minLength 1 */
  title?: string
  /** @maximum 9 */
  score: number | null
  /** @minItems 1 */
  tags?: string[] | null
}

// A tag for one kind of value in a union is for that kind.
export interface OfUnion {
  /** @minLength 3 */
  id: string | number
}

// A comment on the line of the brace is a comment.
// prettier-ignore
export interface OneLine { /** Where it is. */ url: string; /** @minimum 1 */ words: number }

// A default and examples are JSON, and a text needs no quotes.
export interface Values {
  /** @default en */
  language: string
  /** @default 3 */
  count: number
  /** @default "3" */
  text: string
  /** @default 'quoted' */
  quoted: string
  /**
   * @example https://example.org
   * @example https://example.com/a
   */
  url: string
  /** @default ["a", "b"] */
  tags: string[]
  /** @default null */
  none: string | null
}

// An example may stand on a type, in a fence or not.
/**
 * @example
 * ```json
 * { "url": "https://example.org", "words": 3 }
 * ```
 * @example { "url": "https://example.com", "words": 0 }
 */
export interface Example {
  url: string
  words: number
}

// What is deprecated says so, and why.
export interface Deprecated {
  /**
   * Its address.
   * @deprecated use url
   */
  uri?: string
  /** @deprecated */
  old?: number
}

// What is said of a reference stands beside it, for readers.
export interface Beside {
  /** The page. */
  page: Page
  /** The page, if there is one. */
  maybe: Page | null
}

/** @minItems 2 */
type Few = string[]
/** @format uuid */
type Uuid = string
/**
 * A share.
 * @minimum 0
 * @maximum 1
 */
type Share = number

// What is said of an alias holds for the members that are declared by it.
export interface ByAlias {
  id: Uuid
  share: Share
  few?: Few
  /** Of all. */
  total: Share
}

// A link is its name.
export interface Linked {
  /** As {@link Page} says, see {@link Page.url | its address}. */
  page: string
}

// Tags that mean nothing here are left alone.
export interface Others {
  /**
   * A text.
   * @remarks for people
   * @see https://example.org
   */
  text: string
}

// A picked member keeps what is said of it.
export type Picked = Pick<Texts, 'title' | 'slug'>

// A branded text may have tags.
export interface Branded {
  /** @minLength 5 */
  id: string & { readonly __brand: 'Id' }
}
