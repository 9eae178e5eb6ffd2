import { posix } from 'node:path'
import type { Fields } from '../kube/fields.ts'
import type { Platform } from './platform.ts'
import type { Settings } from './read-settings.ts'
import { nameRuntimeConfigMap, RUNTIME_FOLDER } from './runtime-config-map.ts'

const SOCKET = 'asya-socket'
const RUNTIME = 'asya-runtime'
const CREDENTIALS = 'asya-credentials'
const CREDENTIALS_FOLDER = '/etc/asya/credentials'

/** Where the sidecar finds its secrets: as files, which change when the secrets do. */
export const PASSWORD_PATH = `${CREDENTIALS_FOLDER}/rabbitmq-password`
export const TOKEN_PATH = `${CREDENTIALS_FOLDER}/gateway-token`

export function makeVolumes(settings: Settings, platform: Platform): readonly Fields[] {
  const sources = makeCredentialSources(settings, platform)
  return [
    { name: SOCKET, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ...(sources.length > 0 ? [{ name: CREDENTIALS, projected: { sources } }] : []),
    ...(settings.workload.isPython
      ? [{ name: RUNTIME, configMap: { name: nameRuntimeConfigMap(settings, platform) } }]
      : []),
  ]
}

export function makeSidecarMounts(settings: Settings, platform: Platform): readonly Fields[] {
  const hasCredentials = makeCredentialSources(settings, platform).length > 0
  return [
    mountSocket(settings),
    ...(hasCredentials
      ? [{ name: CREDENTIALS, mountPath: CREDENTIALS_FOLDER, readOnly: true }]
      : []),
  ]
}

export function makeRuntimeMounts(settings: Settings): readonly Fields[] {
  return [
    mountSocket(settings),
    ...(settings.workload.isPython
      ? [{ name: RUNTIME, mountPath: RUNTIME_FOLDER, readOnly: true }]
      : []),
  ]
}

function mountSocket({ socketPath }: Settings): Fields {
  return { name: SOCKET, mountPath: posix.dirname(socketPath) }
}

function makeCredentialSources({ rabbitmq }: Settings, { gateway }: Platform): readonly Fields[] {
  const secrets = [
    [rabbitmq.passwordSecretRef, PASSWORD_PATH],
    [gateway?.tokenSecretRef, TOKEN_PATH],
  ] as const
  return secrets.flatMap(([ref, path]) =>
    ref === undefined
      ? []
      : [{ secret: { name: ref.name, items: [{ key: ref.key, path: posix.basename(path) }] } }],
  )
}
