import { defineActor } from '@asya/sdk'

export interface Letter {
  text: string
}

export interface Sentence {
  /** Without the white space around it. */
  text: string
  /** Its place in the letter, from 1. */
  place: number
}

/** Splits a letter into its sentences. */
export const splitLetter = defineActor((letter: Letter): Sentence[] =>
  letter.text
    .split(/(?<=[.!?])\s+/)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text, index) => ({ text, place: index + 1 })),
)
