import type { Model } from '@asya/compiler'

/** `3 actors, 1 pipeline` */
export function describeModel({ actors, pipelines }: Model): string {
  return `${count(actors.length, 'actor')}, ${count(pipelines.length, 'pipeline')}`
}

/** `1 file`, `2 files` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
