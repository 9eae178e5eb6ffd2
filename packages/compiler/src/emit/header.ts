/** Says what made a file, and what to change instead of it. For every format, without its signs. */
export function writeHeader(sources: readonly string[]): string {
  const from = sources.length === 0 ? 'the project' : sources.join(', ')
  return `Made by \`asya build\` from ${from}. Do not edit: change that, and build again.`
}
