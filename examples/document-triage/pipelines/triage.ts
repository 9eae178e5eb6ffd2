import { definePipeline } from '@asya/sdk'

import { analyse } from '../actors/analyse.ts'
import { readPage } from '../actors/read-page.ts'
import { splitParagraphs } from '../actors/split-paragraphs.ts'

/** Reads a scanned page and says what each of its paragraphs is about, and in what mood. */
export const triage = definePipeline([readPage, splitParagraphs, analyse])
