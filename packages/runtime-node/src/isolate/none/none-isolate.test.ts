import { testIsolate } from '../conformance.ts'
import { NoneIsolate } from './none-isolate.ts'

testIsolate('isolation: none', (options, events) => new NoneIsolate(options, events), {
  isIsolating: false,
  knowsBlocker: false,
})
