import type { KubeObject } from '../kube/kube-object.ts'
import { makeChild } from './child.ts'
import type { Settings } from './read-settings.ts'
import { nameTriggerAuthentication } from './trigger.ts'

/**
 * How KEDA shows the broker who it is: the name is in a ConfigMap of ours, the password where the user
 * has it. KEDA takes the two together, and neither as plain text.
 */
export function makeTriggerAuthentication(settings: Settings): KubeObject {
  const { passwordSecretRef } = settings.rabbitmq
  const fromConfigMap = (parameter: string) => ({
    parameter,
    name: nameScalerConfigMap(settings),
    key: parameter,
  })
  const spec =
    passwordSecretRef === undefined
      ? { configMapTargetRef: [fromConfigMap('username'), fromConfigMap('password')] }
      : {
          configMapTargetRef: [fromConfigMap('username')],
          secretTargetRef: [{ parameter: 'password', ...passwordSecretRef }],
        }
  return makeChild(settings, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    name: nameTriggerAuthentication(settings),
    body: { spec },
  })
}

/** Without a password the sidecar says `guest`, as every RabbitMQ knows it: no secret. */
export function makeScalerConfigMap(settings: Settings): KubeObject {
  const { username = 'guest', passwordSecretRef } = settings.rabbitmq
  return makeChild(settings, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: nameScalerConfigMap(settings),
    body: { data: { username, ...(passwordSecretRef === undefined && { password: 'guest' }) } },
  })
}

function nameScalerConfigMap({ name }: Settings): string {
  return `${name}-scaler`
}
