import { defineActor, type Json } from '@asya/sdk'
import { readSink } from './config.ts'

const sink = readSink('error-end')

/** Keeps messages that failed, whole, so that they can be read and replayed. */
export const errorEnd = defineActor(async (_payload: Json, ctx): Promise<null> => {
  await sink.keep({ id: ctx.id, text: ctx.rawMessage })
  return null
})
