import { join } from 'node:path'
import { directorySink, noSink, type Sink } from './sink.ts'

/**
 * `ASYA_SINK`: `none` (the default), or the directory below which each end actor keeps its messages
 * in a folder of its own name.
 */
export function readSink(actor: 'happy-end' | 'error-end'): Sink {
  const target = process.env['ASYA_SINK'] ?? ''
  return target === '' || target === 'none' ? noSink : directorySink(join(target, actor))
}
