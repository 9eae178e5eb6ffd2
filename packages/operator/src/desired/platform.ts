import type { AsyncActorSpec } from '@asya/protocol'

type RabbitmqSettings = NonNullable<AsyncActorSpec['transport']>['rabbitmq']

/** What the operator knows beside the actor: how it was installed, and what the cluster can do. */
export interface Platform {
  /** The broker of actors that name none; its passwordSecretRef is looked up in the actor's namespace. */
  readonly rabbitmq: RabbitmqSettings & { readonly host: string }
  readonly sidecar: {
    readonly image: string
    readonly resources: NonNullable<NonNullable<AsyncActorSpec['sidecar']>['resources']>
  }
  /** Where sidecars report to; without it they report nothing. */
  readonly gateway:
    | {
        /** `http://gateway.asya.svc:8081` */
        readonly url: string
        readonly tokenSecretRef: { readonly name: string; readonly key: string } | undefined
      }
    | undefined
  readonly hasKeda: boolean
  /** Containers among initContainers with restartPolicy Always: API server 1.33 or later. */
  readonly hasNativeSidecars: boolean
  /** The file `asya.py`, mounted into actors whose runtime is Python. */
  readonly pythonRuntime: string
  /** Whether each actor gets a NetworkPolicy. */
  readonly hasNetworkPolicies: boolean
}
