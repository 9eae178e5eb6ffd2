const OBJECT = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object' },
}

/** The kinds of KEDA that the operator uses, with anything in them: what KEDA itself refuses is its own to say. */
export const KEDA_DEFINITIONS: readonly object[] = [
  define('ScaledObject', 'scaledobjects'),
  define('ScaledJob', 'scaledjobs'),
  define('TriggerAuthentication', 'triggerauthentications'),
]

function define(kind: string, plural: string): object {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.keda.sh` },
    spec: {
      group: 'keda.sh',
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { ...OBJECT, spec: anything, status: anything },
            },
          },
        },
      ],
    },
  }
}
