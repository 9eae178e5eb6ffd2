import { testIsolate } from '../conformance.ts'
import { ProcessIsolate } from './process-isolate.ts'

testIsolate('isolation: process', (options, events) => new ProcessIsolate(options, events), {
  isIsolating: true,
  knowsBlocker: false,
})
