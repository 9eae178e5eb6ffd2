import { readFileSync } from 'node:fs'
import { defineActor } from '@asya/sdk'

export interface Question {
  /** A file that says how many outputs there are. */
  answers: string
}

/** Answers as many outputs as a file says at that moment. */
export const branching = defineActor((question: Question): number[] => {
  const count = Number(readFileSync(question.answers, 'utf8'))
  return Array.from({ length: count }, (_, index) => count * 100 + index)
})

/** Hands on what it gets. */
export const same = defineActor((value: number): number => value)
