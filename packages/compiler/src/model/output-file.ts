/** What an emitter makes: a text, and where it belongs below the folder of the build. */
export interface OutputFile {
  /** With `/`: `asyncapi/actors/read-page.yaml`. */
  readonly path: string
  readonly content: string
}
