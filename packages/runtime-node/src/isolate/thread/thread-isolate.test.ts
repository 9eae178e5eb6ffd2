import { testIsolate } from '../conformance.ts'
import { ThreadIsolate } from './thread-isolate.ts'

testIsolate('isolation: thread', (options, events) => new ThreadIsolate(options, events), {
  isIsolating: true,
  knowsBlocker: true,
})
