export { runStarter, type StarterRequest } from './run-starter.ts'
