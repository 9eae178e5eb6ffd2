/** What starting a broker takes from the environment. */

/** The broker to use, where somebody runs one already. */
export function readGivenUrl(): string | undefined {
  return process.env['ASYA_RABBITMQ_URL'] || undefined
}

/** The search path for programs, with the folders where servers are put. */
export function listProgramFolders(): readonly string[] {
  const path = process.env['PATH'] ?? ''
  return [...path.split(':').filter((folder) => folder !== ''), '/usr/sbin', '/sbin']
}

/** The environment of a program of RabbitMQ: no setting of another broker on this machine leaks in. */
export function childEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(RABBITMQ|ERL)_/.test(name))
  return { ...Object.fromEntries(inherited), PATH: listProgramFolders().join(':'), ...settings }
}
