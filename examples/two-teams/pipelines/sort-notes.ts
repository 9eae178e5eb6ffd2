import { definePipeline } from '@asya/sdk'
import { fileTopic } from '../actors/file-topic.ts'
import { readNote } from '../actors/read-note.ts'
import { classify } from '../remote/classify.ts'

/** Sorts notes into folders, by what team B's model says of them. */
export const sortNotes = definePipeline([readNote, classify, fileTopic])
