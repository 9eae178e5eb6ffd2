/** A file cannot be read as tools; `message` names it, the place in it, what is wrong and what would be right. */
export class ToolFileError extends Error {
  override readonly name = 'ToolFileError'
  readonly code = 'tool_file_error'
}
