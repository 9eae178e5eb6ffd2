/** Of a pod what this kubelet plays; all else in it is for clusters. */

export interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly initContainers?: readonly ContainerSpec[]
  readonly containers: readonly ContainerSpec[]
  readonly volumes?: readonly VolumeSpec[]
}

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  /** Always, of an init container: it is a sidecar, and stays. */
  readonly restartPolicy?: 'Always'
  readonly env?: readonly VariableSpec[]
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly readinessProbe?: { readonly httpGet: HttpGet }
  readonly lifecycle?: { readonly preStop?: HookSpec }
}

/** A port is a number, or the name of one of the container's own. */
export interface HttpGet {
  readonly path: string
  readonly port: number | string
}

export type HookSpec =
  { readonly httpGet: HttpGet } | { readonly exec: { readonly command: readonly string[] } }

interface KeyReference {
  readonly name: string
  readonly key: string
}

export interface VariableSpec {
  readonly name: string
  readonly value?: string
  readonly valueFrom?:
    { readonly secretKeyRef: KeyReference } | { readonly configMapKeyRef: KeyReference }
}

interface Items {
  readonly items?: readonly { readonly key: string; readonly path: string }[]
}

export type FileSource =
  | { readonly secret: Items & { readonly name: string } }
  | { readonly configMap: Items & { readonly name: string } }

export type VolumeSpec = { readonly name: string } & (
  | { readonly emptyDir: object }
  | { readonly secret: Items & { readonly secretName: string } }
  | { readonly configMap: Items & { readonly name: string } }
  | { readonly projected: { readonly sources: readonly FileSource[] } }
)

/** The pod of a Deployment, as JSON has it. */
export function readPodSpec(workload: Readonly<Record<string, unknown>>): PodSpec {
  const { spec } = workload as { readonly spec?: { readonly template?: { spec?: PodSpec } } }
  const pod = spec?.template?.spec
  if (pod === undefined) throw new Error(`no pod template in ${JSON.stringify(workload)}`)
  return pod
}
