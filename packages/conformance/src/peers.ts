// What tests of runtimes speak with, beside the suite.
export { CLOSED, Peer } from './peer.ts'
export { readFailure, readItems } from './runtime/rig.ts'
