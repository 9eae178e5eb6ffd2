import { defineActor } from '@asya/sdk'

/** Takes the white space off a text. */
export const readNote = defineActor((text: string) => ({ text: text.trim(), source: 'desk' }))
