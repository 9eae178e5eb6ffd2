import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan'

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Paints for a stream; Node knows NO_COLOR, FORCE_COLOR and whether the stream is a terminal. */
export function createPaint(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream })
}

export const paintNothing: Paint = (_style, text) => text
