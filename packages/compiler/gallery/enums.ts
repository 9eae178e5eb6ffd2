enum Colour {
  Red,
  Green,
  Blue,
}
enum Mood {
  Good = 'good',
  Bad = 'bad',
}
const enum Level {
  Low = 1,
  High = 10,
}
enum Mixed {
  No = 0,
  Yes = 'yes',
}

// An enum of numbers is an enum of its numbers.
export interface NumberEnum {
  colour: Colour
}

// An enum of texts is an enum of its texts.
export interface TextEnum {
  mood: Mood
}

// A const enum is an enum.
export interface ConstEnum {
  level: Level
}

// An enum of both has both types.
export interface MixedEnum {
  mixed: Mixed
}

// One member of an enum is a const.
export interface OneMember {
  red: Colour.Red
}

// An enum keeps its name beside null and undefined.
export interface EnumOrNull {
  mood: Mood | null
  other?: Mood
  third?: Mood | null
}

// An enum is whole again in a union with something else.
export interface EnumOrText {
  colour: Colour | string
}

// Some members of an enum are an enum of those.
export interface SomeMembers {
  colour: Colour.Red | Colour.Blue
}

const MOODS = { good: 'GOOD', bad: 'BAD' } as const
// The values of a constant are an enum.
export type ConstantValues = (typeof MOODS)[keyof typeof MOODS]

const SIZES = ['small', 'large'] as const
// The elements of a constant are an enum.
export type ConstantElements = (typeof SIZES)[number]

// Names of a type are an enum.
export type Names = keyof { url: string; title: string }

// Members of an enum tell records apart.
export type ByEnum = { mood: Mood.Good; smile: number } | { mood: Mood.Bad }
