import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { getuid } from 'node:process'
import { findProgram } from './find-server.ts'
import { runProgram, type ProgramEnd } from './run-program.ts'

/** How a package manager is asked for RabbitMQ. */
interface PackageManager {
  readonly program: string
  readonly commands: readonly (readonly string[])[]
}

const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    program: 'apt-get',
    commands: [
      ['update', '--quiet'],
      ['install', '--quiet', '--yes', '--no-install-recommends', 'rabbitmq-server'],
    ],
  },
  { program: 'apk', commands: [['add', '--no-cache', 'rabbitmq-server']] },
  { program: 'dnf', commands: [['install', '--assumeyes', 'rabbitmq-server']] },
]

const INSTALL_TIMEOUT_MS = 600_000

/** The package manager that could install RabbitMQ here: there is one, and we are root. */
export function findPackageManager(): PackageManager | undefined {
  if (getuid?.() !== 0) return undefined
  return PACKAGE_MANAGERS.find(({ program }) => findProgram(program) !== undefined)
}

/** Installs the server, and starts no service of it. Ends with the first command that fails. */
export async function installServer(
  { program, commands }: PackageManager,
  signal?: AbortSignal,
): Promise<ProgramEnd> {
  const allowServices = forbidServices()
  try {
    let end: ProgramEnd = { isOk: true, output: '' }
    for (const args of commands) {
      end = await runProgram(program, args, {
        settings: { DEBIAN_FRONTEND: 'noninteractive' },
        timeoutMs: INSTALL_TIMEOUT_MS,
        signal,
      })
      if (!end.isOk) break
    }
    return end
  } finally {
    allowServices()
  }
}

/** Debian asks this program before it starts a service; 101 = forbidden. */
const POLICY = '/usr/sbin/policy-rc.d'

/** Has Debian start no service until the returned function is called. */
function forbidServices(): () => void {
  // Whoever has put one there has decided it already.
  if (!existsSync('/etc/debian_version') || existsSync(POLICY)) return () => undefined
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n')
  chmodSync(POLICY, 0o755)
  return () => {
    rmSync(POLICY, { force: true })
  }
}
