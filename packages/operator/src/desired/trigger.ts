import type { Fields } from '../kube/fields.ts'
import type { Settings } from './read-settings.ts'

/** How KEDA sees the queue. Over http it counts what is being processed too; over amqp it cannot. */
export function makeTrigger(settings: Settings): Fields {
  const { rabbitmq, queue, scaling } = settings
  return {
    type: 'rabbitmq',
    name: 'queue',
    metricType: 'AverageValue',
    metadata: {
      protocol: scaling.protocol,
      host: writeHostUrl(settings),
      vhostName: rabbitmq.vhost ?? '/',
      queueName: queue,
      mode: 'QueueLength',
      value: String(scaling.queueLength),
      activationValue: '0',
      ...(scaling.protocol === 'http' && { excludeUnacknowledged: 'false' }),
    },
    authenticationRef: scaling.authenticationRef
      ? makeReference(scaling.authenticationRef)
      : { name: nameTriggerAuthentication(settings), kind: 'TriggerAuthentication' },
  }
}

/** Without credentials: KEDA would take those before any of an authentication. */
function writeHostUrl({ rabbitmq, scaling }: Settings): string {
  const host = rabbitmq.host.includes(':') ? `[${rabbitmq.host}]` : rabbitmq.host
  if (scaling.protocol === 'amqp') {
    const isTls = rabbitmq.tls ?? false
    return `${isTls ? 'amqps' : 'amqp'}://${host}:${rabbitmq.port ?? (isTls ? 5_671 : 5_672)}`
  }
  const { scheme = 'http', port = scheme === 'https' ? 15_671 : 15_672 } = rabbitmq.management ?? {}
  return `${scheme}://${host}:${port}`
}

function makeReference({
  name,
  kind = 'TriggerAuthentication',
}: NonNullable<Settings['scaling']['authenticationRef']>): Fields {
  return { name, kind }
}

export function nameTriggerAuthentication({ name }: Settings): string {
  return `${name}-rabbitmq`
}

/** KEDA's word for "leave the replicas as they are". */
export function makePauseAnnotation({ scaling }: Settings): Readonly<Record<string, string>> {
  return scaling.paused ? { 'autoscaling.keda.sh/paused': 'true' } : {}
}
