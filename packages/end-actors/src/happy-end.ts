import { defineActor, type Json } from '@asya/sdk'
import { readSink } from './config.ts'

const sink = readSink('happy-end')

/** Keeps results. Telling the gateway is the sidecar's part. */
export const happyEnd = defineActor(async (_payload: Json, ctx): Promise<null> => {
  await sink.keep({ id: ctx.id, text: ctx.rawMessage })
  return null
})
