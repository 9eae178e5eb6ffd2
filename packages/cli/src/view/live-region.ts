import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { cutText } from './plain-text.ts'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_BELOW = '\u001b[0J'

/** The last lines of a terminal, redrawn in place, below what is printed for good. */
export class LiveRegion {
  readonly #stream: NodeJS.WriteStream
  #lines: readonly string[] = []
  #drawn = 0
  #isOpen = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  /** Shows these lines in place of the former. Colours must close within their line. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) this.#open()
    this.#lines = lines
    this.#write('')
  }

  /** Prints above the region. */
  print(text: string): void {
    this.#write(`${text}\n`)
  }

  /** Removes the region and gives the cursor back. Idempotent. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#lines = []
    this.#write('')
    this.#stream.write(SHOW_CURSOR)
    process.off('exit', this.#onExit)
  }

  readonly #onExit = (): void => {
    this.close()
  }

  #open(): void {
    this.#isOpen = true
    process.on('exit', this.#onExit)
    this.#stream.write(HIDE_CURSOR)
  }

  #write(above: string): void {
    // A line that wraps would take two rows, and the region would creep down the screen.
    const columns = this.#stream.columns - 1
    const height = Math.max(1, this.#stream.rows - 1)
    const lines = this.#lines.slice(0, height).map((line) => fitLine(line, columns))
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : ''
    const region = lines.map((line) => `${line}\n`).join('')
    this.#stream.write(`${up}\r${CLEAR_BELOW}${above}${region}`)
    this.#drawn = lines.length
  }
}

/** A painted line that is too long loses its colours with its end. */
function fitLine(line: string, columns: number): string {
  return stringWidth(line) <= columns ? line : cutText(stripVTControlCharacters(line), columns)
}
