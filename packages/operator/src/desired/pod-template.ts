import type { Container } from '@asya/protocol'
import { childLabels } from './child.ts'
import { extendList } from './extend-list.ts'
import { fieldsOf, itemsOf, type Fields } from '../kube/fields.ts'
import type { Platform } from './platform.ts'
import { makeRuntimeVariables, makeSidecarVariables, omitVariables } from './pod-environment.ts'
import { findRuntimeContainer } from './python-actor.ts'
import type { Settings } from './read-settings.ts'
import { RUNTIME_COMMAND } from './runtime-config-map.ts'
import { completeContainerSecurity, completePodSecurity } from './security-context.ts'
import { namesServiceAccount } from './service-account.ts'
import { DRAIN_HOOK, makeSidecarContainer, SIDECAR } from './sidecar-container.ts'
import { makeRuntimeMounts, makeVolumes } from './volumes.ts'
import type { Warning } from './warning.ts'

/**
 * The user's pod, completed: the sidecar, the socket that it shares with the runtime, the variables on
 * which both agree, and the hook by which the sidecar is done before the runtime is stopped. What the
 * user says goes before what we would say, and what we do not know is left as it is.
 */
export function makePodTemplate(settings: Settings, platform: Platform): Fields {
  const { metadata, spec, ...rest } = settings.workload.template
  const { labels, ...moreMetadata } = fieldsOf(metadata)
  return {
    ...rest,
    metadata: {
      labels: { ...fieldsOf(labels), ...childLabels(settings.name) },
      ...moreMetadata,
    },
    spec: makePodSpec(fieldsOf(spec), settings, platform),
  }
}

function makePodSpec(pod: Fields, settings: Settings, platform: Platform): Fields {
  const { containers, initContainers, volumes, securityContext, ...rest } = pod
  const { isNative } = settings.sidecar
  const sidecar = makeSidecarContainer(settings, platform, hasOwnHook(settings))
  const { type } = settings.workload
  return {
    ...(!namesServiceAccount(settings) && { serviceAccountName: settings.name }),
    ...(type === 'Job' && { restartPolicy: 'Never' }),
    ...rest,
    terminationGracePeriodSeconds: settings.graceS,
    securityContext: completePodSecurity(securityContext),
    // The last to start, and the first to be stopped, of all that stay.
    ...(isNative && { initContainers: extendList(initContainers, { behind: [sidecar] }) }),
    ...(!isNative && initContainers !== undefined && { initContainers }),
    containers: [
      ...itemsOf(containers).map((container) =>
        container['name'] === 'runtime'
          ? completeRuntime(container, securityContext, settings)
          : container,
      ),
      ...(isNative ? [] : [sidecar]),
    ],
    volumes: extendList(volumes, { behind: makeVolumes(settings, platform) }),
  }
}

function completeRuntime(container: Fields, podSecurity: unknown, settings: Settings): Fields {
  const { name, image, env, volumeMounts, lifecycle, securityContext, ...rest } = container
  const variables = makeRuntimeVariables(settings)
  return {
    name,
    image,
    ...(settings.workload.isPython && { command: RUNTIME_COMMAND }),
    ...rest,
    env: extendList(omitVariables(env, variables), { before: variables }),
    lifecycle: hasOwnHook(settings) ? lifecycle : { ...fieldsOf(lifecycle), preStop: DRAIN_HOOK },
    ...(!('terminationMessagePolicy' in rest) && {
      terminationMessagePolicy: 'FallbackToLogsOnError',
    }),
    securityContext: completeContainerSecurity(securityContext, podSecurity),
    volumeMounts: extendList(volumeMounts, { behind: makeRuntimeMounts(settings) }),
  }
}

function hasOwnHook({ workload }: Settings): boolean {
  const runtime = findRuntimeContainer(workload.template)
  return fieldsOf(runtime?.['lifecycle'])['preStop'] !== undefined
}

/** What of the user's words is not done as it stands there. */
export function warnOfPod(settings: Settings, platform: Platform): readonly Warning[] {
  const { sidecar, workload } = settings
  const runtime = findRuntimeContainer(workload.template)
  return [
    ...warnOfVariables('the container runtime', runtime?.['env'], makeRuntimeVariables(settings)),
    ...warnOfVariables('spec.sidecar', sidecar.env, makeSidecarVariables(settings, platform)),
    ...(hasOwnHook(settings)
      ? [
          {
            reason: 'PreStopKept',
            message: `the container runtime has a preStop hook, which is kept: the drain is a hook of ${SIDECAR}, and does not wait for yours`,
          },
        ]
      : []),
    ...(workload.type === 'Job' && !sidecar.isNative
      ? [
          {
            reason: 'JobMayNotEnd',
            message:
              'spec.sidecar.mode is Container, and the workload a Job: a pod whose runtime fails would stay with the sidecar alone; use Native or Auto',
          },
        ]
      : []),
  ]
}

function warnOfVariables(
  place: string,
  env: Container['env'],
  taken: readonly Fields[],
): readonly Warning[] {
  const names = new Set(itemsOf(env).map(({ name }) => name))
  const ignored = taken.map(({ name }) => name as string).filter((name) => names.has(name))
  if (ignored.length === 0) return []
  const message = `${ignored.join(', ')} in the env of ${place}: not used, since fields of the actor say it`
  return [{ reason: 'VariableIgnored', message }]
}
