export type * from './model/model.ts'
export type { OutputFile } from './model/output-file.ts'
export type { Problem } from './model/problem.ts'
export type * from './model/settings.ts'
