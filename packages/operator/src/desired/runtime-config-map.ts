import type { KubeObject } from '../kube/kube-object.ts'
import { hashOf, makeChild } from './child.ts'
import type { Platform } from './platform.ts'
import type { Settings } from './read-settings.ts'

export const RUNTIME_FOLDER = '/opt/asya'
const FILE = 'asya.py'
export const RUNTIME_COMMAND = ['python3', `${RUNTIME_FOLDER}/${FILE}`]

/**
 * The runtime of a Python actor. Named by its content and never changed, so that a new one is a new
 * pod template, and rolls out. Each actor has its own: one that several shared would need an owner
 * for each of them, and to apply one is to take away the others'.
 */
export function makeRuntimeConfigMap(settings: Settings, platform: Platform): KubeObject {
  return makeChild(settings, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: nameRuntimeConfigMap(settings, platform),
    body: { immutable: true, data: { [FILE]: platform.pythonRuntime } },
  })
}

export function nameRuntimeConfigMap(settings: Settings, platform: Platform): string {
  return `${settings.name}-runtime-${hashOf(platform.pythonRuntime)}`
}
