export { errorEnd } from './error-end.ts'
export { happyEnd } from './happy-end.ts'
