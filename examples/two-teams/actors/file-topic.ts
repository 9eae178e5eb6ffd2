import { defineActor } from '@asya/sdk'
import type { Topic } from '../remote/classify.ts'

/** Says into which folder a note goes. */
export const fileTopic = defineActor((topic: Topic) => ({
  folder: topic.confidence < 0.5 ? 'to-look-at' : topic.label,
}))
