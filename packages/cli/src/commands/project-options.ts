/** What the commands that read a project without running it have in common. */

export const PROBLEM_FORMATS = ['text', 'json', 'github'] as const

export type ProblemFormat = (typeof PROBLEM_FORMATS)[number]

export const ENVIRONMENT_HELP = 'the overlay in asya.config.ts that is laid over the rest'
