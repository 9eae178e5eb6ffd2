interface Named {
  name: string
}
interface Aged {
  age: number
}

// An intersection of records has the members of all.
export type Person = Named & Aged

// Members that are in both are narrowed.
export type Narrowed = { kind: string; id: string | number } & { kind: 'a'; id: string }

// An intersection with a union is a union of intersections.
export type Distributed = Named & ({ kind: 'a'; a: number } | { kind: 'b' })

// An interface that extends others has their members.
export interface Employee extends Named, Aged {
  salary: number
}

// An intersection without a name is called after where it stands.
export interface Holder {
  both: Named & { note: string }
}

declare const brand: unique symbol

// A brand is for the compiler alone: what travels is the text.
export type UserId = string & { readonly [brand]: 'UserId' }

// A brand by a member is for the compiler alone too.
export type Metres = number & { readonly __unit: 'm' }

// Branded texts keep what is said of them.
/** @format uuid */
export type Uuid = string & { readonly __brand: 'Uuid' }

// A branded record is the record.
export type Order = { id: UserId; total: Metres } & { readonly [brand]: 'Order' }

// A branded enum is the enum.
export interface BrandedEnum {
  kind: ('a' | 'b') & { readonly [brand]: 'Kind' }
}

// A branded list is the list.
export interface BrandedList {
  list: string[] & { readonly [brand]: 'Sorted' }
}

// A record with a dictionary has both.
export type WithRest = { id: string } & Record<string, string>

// A branded template is its pattern.
export type Key = `user-${number}` & { readonly [brand]: 'Key' }
