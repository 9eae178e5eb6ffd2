import {
  escapeReferences,
  toRuntimeEnvironment,
  toSidecarEnvironment,
  type Environment,
  type RuntimeSetup,
} from '@asya/protocol'
import type { Fields } from '../kube/fields.ts'
import type { Platform } from './platform.ts'
import type { Settings } from './read-settings.ts'
import { PASSWORD_PATH, TOKEN_PATH } from './volumes.ts'

/** Of the whole pod, in which handlers and models often have 8080. */
export const OPS_PORT = 9_090

/** What both containers are told: of the actor's fields, and of nothing else. */
function toRuntimeSetup(settings: Settings): RuntimeSetup {
  return {
    actorName: settings.name,
    socketPath: settings.socketPath,
    concurrency: settings.concurrency,
    maxMessageBytes: settings.maxMessageBytes,
    timeoutMs: settings.processingS * 1_000,
    graceMs: settings.graceS * 1_000,
  }
}

export function makeRuntimeVariables(settings: Settings): readonly Fields[] {
  return toVariables(toRuntimeEnvironment(toRuntimeSetup(settings)))
}

export function makeSidecarVariables(settings: Settings, platform: Platform): readonly Fields[] {
  const { rabbitmq, retry, queue, idleS } = settings
  const { gateway } = platform
  const environment = toSidecarEnvironment({
    ...toRuntimeSetup(settings),
    queue,
    opsPort: OPS_PORT,
    exitWhenIdleMs: idleS === undefined ? undefined : idleS * 1_000,
    retry,
    rabbitmq: {
      host: rabbitmq.host,
      port: rabbitmq.port,
      vhost: rabbitmq.vhost,
      exchange: rabbitmq.exchange,
      isTls: rabbitmq.tls ?? false,
      username: rabbitmq.username,
      passwordPath: rabbitmq.passwordSecretRef && PASSWORD_PATH,
    },
    gateway: gateway && { url: gateway.url, tokenPath: gateway.tokenSecretRef && TOKEN_PATH },
  })
  return toVariables(environment)
}

function toVariables(environment: Environment<string>): readonly Fields[] {
  return Object.entries(environment).map(([name, value = '']) => ({
    name,
    value: escapeReferences(value),
  }))
}

/** Without those of the same name: of what both containers must agree on there is one source. */
export function omitVariables(env: unknown, taken: readonly Fields[]): unknown {
  if (!Array.isArray(env)) return env
  const items: readonly unknown[] = env
  const names = new Set(taken.map(({ name }) => name))
  return items.filter((item) => !names.has((item as Fields | null)?.['name']))
}
