// A template with a number is a pattern.
export type UserKey = `user-${number}`

// A template with a text takes any text there.
export type Path = `/${string}`

// A template of literals is an enum.
export type Sizes = `${'small' | 'large'}-${1 | 2}`

// A template with several parts is one pattern.
export type Version = `v${number}.${number}.${number}`

// Characters that mean something in a pattern are escaped.
export type Money = `$${number} (${string})`

// A template in a union is one of its members.
export interface Link {
  target: `#${string}` | `https://${string}` | 'none'
}

// Upper case is a pattern.
export type Code = Uppercase<string>

// Lower case is a pattern.
export type Slug = Lowercase<string>

// A bigint within a text is text.
export type Serial = `n${bigint}`

// A boolean within a text is two texts.
export type Switch = `is-${boolean}`
