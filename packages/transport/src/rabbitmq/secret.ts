import { readFile } from 'node:fs/promises'

/**
 * A password, or the file that holds it. It shows itself to nobody but `read`: not as text, not as
 * JSON, not to a logger or a debugger's print.
 */
export class Secret {
  readonly #read: () => Promise<string>

  static ofText(text: string): Secret {
    return new Secret(() => Promise.resolve(text))
  }

  /** Read anew each time: secrets are replaced while processes run. */
  static inFile(path: string): Secret {
    return new Secret(async () => {
      const text = await readFile(path, 'utf8')
      // Editors and `echo` end a file with a line break, which is no part of a password.
      return text.replace(/\r?\n$/, '')
    })
  }

  private constructor(read: () => Promise<string>) {
    this.#read = read
  }

  /** Rejects when its file cannot be read; the error names the file. */
  read(): Promise<string> {
    return this.#read()
  }

  toString(): string {
    return '[secret]'
  }
}
