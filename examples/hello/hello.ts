import { defineActor, definePipeline } from '@asya/sdk'

/** Greets a person. */
export const greet = defineActor(async (person: { name: string }, ctx) => {
  ctx.progress(50, `thinking of ${person.name}`)
  return { text: `Hello, ${person.name}!` }
})

/** Says it louder. */
export const shout = defineActor((greeting: { text: string }) => {
  return { text: greeting.text.toUpperCase() }
})

/** Greets a person, loudly. */
export const hello = definePipeline([greet, shout])
