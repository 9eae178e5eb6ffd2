import { makeFailure, type Failure } from '@asya/protocol'
import type { Death } from './isolate.ts'

/** What killed an isolate, in words. */
export function describeDeath(death: Death): string {
  switch (death.type) {
    case 'out-of-memory':
      return `the handler exhausted the memory (${death.detail})`
    case 'exited':
      return `the handler called process.exit(${String(death.exitCode)})`
    case 'threw':
      return death.message === ''
        ? `uncaught ${death.name}`
        : `uncaught ${death.name}: ${death.message}`
    case 'signalled':
      return `the handler's process was ended by ${death.signal}`
  }
}

/** What ended an isolate before its actor was loaded, in words. */
export function describeFailedLoad(death: Death): string {
  switch (death.type) {
    case 'exited':
      return `it called process.exit(${String(death.exitCode)}) while it was loaded`
    case 'out-of-memory':
    case 'threw':
    case 'signalled':
      return `${describeDeath(death)} (while the module was loaded)`
  }
}

/** What the request is answered whose handler killed its isolate. */
export function toFailure(death: Death): Failure {
  const message = describeDeath(death)
  switch (death.type) {
    case 'out-of-memory':
      return makeFailure('oom_error', message)
    case 'exited':
    case 'signalled':
      return makeFailure('processing_error', message)
    case 'threw': {
      const { name, stack } = death
      const traceback = stack === undefined ? {} : { traceback: stack }
      return makeFailure('processing_error', message, { exception: name, ...traceback })
    }
  }
}
