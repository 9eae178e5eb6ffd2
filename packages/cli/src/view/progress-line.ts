import type { Paint } from './paint.ts'

/** What takes its time, on a line that goes when it is done; nothing where no terminal is. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream
  readonly #paint: Paint
  #isShown = false

  constructor(stream: NodeJS.WriteStream, paint: Paint) {
    this.#stream = stream
    this.#paint = paint
  }

  show(line: string): void {
    if (!this.#stream.isTTY) return
    this.clear()
    this.#stream.write(this.#paint('dim', line))
    this.#isShown = true
  }

  clear(): void {
    if (this.#isShown) this.#stream.write(CLEAR_LINE)
    this.#isShown = false
  }
}

const CLEAR_LINE = '\r\u001b[2K'
