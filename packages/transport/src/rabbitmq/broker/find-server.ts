import { accessSync, constants, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listProgramFolders } from './config.ts'

/** An installed RabbitMQ. */
export interface Installation {
  readonly server: string
  readonly ctl: string
  /** Erlang's name server. */
  readonly epmd: string
}

/**
 * Linux packages put scripts on the path that become the user `rabbitmq`, who may not write to a
 * folder of ours. The ones they call stand here.
 */
const PACKAGED = '/usr/lib/rabbitmq/bin'

/** Finds an installed server; undefined when there is none that could be started. */
export function findInstallation(): Installation | undefined {
  const onPath = findProgram('rabbitmq-server')
  const folder = isProgram(join(PACKAGED, 'rabbitmq-server'))
    ? PACKAGED
    : onPath && dirname(realpathSync(onPath))
  const erl = findProgram('erl')
  if (folder === undefined || erl === undefined) return undefined
  const epmd = findProgram('epmd') ?? join(dirname(realpathSync(erl)), 'epmd')
  const found = { server: join(folder, 'rabbitmq-server'), ctl: join(folder, 'rabbitmqctl'), epmd }
  return Object.values(found).every(isProgram) ? found : undefined
}

/** The path of a program that can be run; undefined when there is none. */
export function findProgram(name: string): string | undefined {
  return listProgramFolders()
    .map((folder) => join(folder, name))
    .find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
