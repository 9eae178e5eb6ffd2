import { extendList } from './extend-list.ts'
import type { Fields } from '../kube/fields.ts'
import type { Platform } from './platform.ts'
import { makeSidecarVariables, omitVariables, OPS_PORT } from './pod-environment.ts'
import type { Settings } from './read-settings.ts'
import { RESTRICTED } from './security-context.ts'
import { makeSidecarMounts } from './volumes.ts'

export const SIDECAR = 'asya-sidecar'

/** Finishes what is in flight and takes nothing more: a lease, which may be asked for again and again. */
export const DRAIN_HOOK: Fields = { httpGet: { path: '/drain', port: OPS_PORT } }

/** `hasDrainHook`: the runtime has a hook of its own, so that the sidecar must drain by itself. */
export function makeSidecarContainer(
  settings: Settings,
  platform: Platform,
  hasDrainHook: boolean,
): Fields {
  const { image, resources, env, isNative } = settings.sidecar
  const variables = makeSidecarVariables(settings, platform)
  return {
    name: SIDECAR,
    image,
    ...makePullPolicy(settings.sidecar),
    ...(isNative && { restartPolicy: 'Always' }),
    env: extendList(omitVariables(env, variables), { before: variables }),
    ports: [{ name: 'asya-ops', containerPort: OPS_PORT }],
    livenessProbe: { httpGet: { path: '/health', port: 'asya-ops' } },
    // Ready is who consumes. (No startup probe: the runtime would wait for it, and it for the runtime.)
    readinessProbe: { httpGet: { path: '/ready', port: 'asya-ops' } },
    ...(hasDrainHook && { lifecycle: { preStop: DRAIN_HOOK } }),
    resources,
    // The reason why it ended stands in the status of its pod.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: { ...RESTRICTED, readOnlyRootFilesystem: true },
    volumeMounts: makeSidecarMounts(settings, platform),
  }
}

/** As the API server would fill it in, it is left out. */
function makePullPolicy({ image, imagePullPolicy }: Settings['sidecar']): Fields {
  const isPinned = image.includes('@') || /:(?!latest$)[^/:]+$/.test(image)
  return imagePullPolicy === (isPinned ? 'IfNotPresent' : 'Always') ? {} : { imagePullPolicy }
}
