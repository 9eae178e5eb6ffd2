/**
 * What the CLI takes from its environment. Colours are Node's matter: util.styleText knows NO_COLOR
 * and FORCE_COLOR.
 */

/** The user's environment for a process that loads their code, with what Asya tells it. */
export function childEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  // Every actor has settings of its own: a leftover of somebody's shell must not count.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ASYA_'))
  // That a runtime serves is said at level info: above that, nobody would hear of it.
  const level = process.env['ASYA_LOG_LEVEL'] === 'debug' ? 'debug' : 'info'
  return { ...Object.fromEntries(inherited), ASYA_LOG_LEVEL: level, ...settings }
}

/** The interpreter that the user wants for actors in Python. */
export function readWantedPython(): string | undefined {
  return process.env['ASYA_PYTHON'] || undefined
}

/** The top of the repository, as GitHub Actions names it; elsewhere the working directory. */
export function readRootDir(): string {
  return process.env['GITHUB_WORKSPACE'] || process.cwd()
}
