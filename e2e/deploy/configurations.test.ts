import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfig as readGatewayConfig } from '../../packages/gateway/src/config.ts'
import { readConfig as readOperatorConfig } from '../../packages/operator/src/config.ts'
import {
  CONFIGURATIONS,
  hasHelm,
  hasKubectl,
  parseAll,
  renderHelm,
  renderKustomize,
  ROOT,
  writeCommon,
  type Manifest,
} from './render.ts'

/** What is installed, as `deploy/golden` keeps it, by kustomize and by Helm. */

const goldenPath = (name: string): string => `${ROOT}deploy/golden/${name}.yaml`
const readGolden = (name: string): readonly Manifest[] =>
  parseAll(readFileSync(goldenPath(name), 'utf8'))

if (!hasKubectl) console.warn('there is no kubectl: what kustomize makes is not compared')
if (!hasHelm) console.warn('there is no helm (ASYA_HELM is its path): its chart is not compared')

describe.each(CONFIGURATIONS)(
  'The configuration $name',
  { timeout: 60_000 },
  ({ name, kustomize, values }) => {
    test.runIf(hasKubectl)('is by kustomize what is kept.', async () => {
      await expect(writeCommon(renderKustomize(kustomize))).toMatchFileSnapshot(goldenPath(name))
    })

    test.runIf(hasHelm)('is the same by Helm.', () => {
      expect(writeCommon(renderHelm(values))).toBe(readFileSync(goldenPath(name), 'utf8'))
    })

    test('tells the operator what it reads, and nothing else.', () => {
      const environment = readEnvironment(readGolden(name), 'asya-operator')
      const config = readOperatorConfig({
        ...environment,
        // The image sets it.
        ASYA_PYTHON_RUNTIME: `${ROOT}packages/runtime-python/asya.py`,
      })
      expect(config.lease).toEqual({
        namespace: 'asya-system',
        name: 'asya-operator',
        identity: 'asya-operator-1',
      })
      expect(config.platform.rabbitmq.passwordSecretRef?.name).toBe('asya-rabbitmq')
      expect(listUnknown(environment, ['operator/src/config.ts'])).toEqual([])
    })

    test.runIf(name !== 'minimal' && name !== 'worker')('tells the gateway what it reads.', () => {
      const environment = readEnvironment(readGolden(name), 'asya-gateway')
      const config = readGatewayConfig({
        ...environment,
        ASYA_DATABASE_URL: 'postgres://asya:secret@asya-postgresql:5432/asya',
      })
      expect(config.isOpenToOthers).toBe(false)
      const files = ['gateway/src/config.ts', 'gateway/src/auth/config.ts']
      const known = [...files, 'transport/src/rabbitmq/config.ts']
      expect(listUnknown(environment, known)).toEqual([])
      expect(config.gateway.sidecarPort).toBe(8_081)
    })

    test('runs as nobody, and as a restricted namespace has it.', () => {
      for (const pod of listPods(readGolden(name))) {
        expect(pod.securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        })
        for (const { securityContext } of pod.containers)
          expect(securityContext).toMatchObject({
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          })
      }
    })

    test('asks for no secret that nobody makes.', () => {
      const script = readFileSync(`${ROOT}deploy/install.sh`, 'utf8')
      const text = readFileSync(goldenPath(name), 'utf8')
      const names = [
        ...text.matchAll(/secretName: (\S+)|secretKeyRef:\n\s+key: \S+\n\s+name: (\S+)/g),
      ].map(([, mounted, referred]) => mounted ?? referred ?? '')
      for (const secret of names) expect(script).toContain(`secret "$system" ${secret}`)
      expect(text).not.toMatch(/^kind: Secret$/m)
    })
  },
)

interface Pod {
  readonly securityContext?: unknown
  readonly containers: readonly {
    readonly env?: readonly { readonly name: string; readonly value?: string }[]
    readonly securityContext?: unknown
  }[]
}

interface Workload {
  readonly spec: { readonly template: { readonly spec: Pod } }
}

function listPods(manifests: readonly Manifest[]): readonly Pod[] {
  return manifests
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map((manifest) => (manifest as unknown as Workload).spec.template.spec)
}

/** As its container has it: the ConfigMap, and what stands in the pod, with an example for what pods know. */
function readEnvironment(manifests: readonly Manifest[], name: string): Record<string, string> {
  const find = (kind: string, called: string): Manifest => {
    const found = manifests.find((one) => one.kind === kind && one.metadata.name === called)
    if (!found) throw new Error(`there is no ${kind} ${called}`)
    return found
  }
  const [pod] = listPods([find('Deployment', name)])
  const examples: Readonly<Record<string, string>> = {
    ASYA_OPERATOR_NAMESPACE: 'asya-system',
    ASYA_POD_NAME: 'asya-operator-1',
  }
  const own = pod?.containers[0]?.env?.map((variable): [string, string] => [
    variable.name,
    variable.value ?? examples[variable.name] ?? '',
  ])
  return {
    ...(find('ConfigMap', `${name}-settings`)['data'] as Record<string, string>),
    ...Object.fromEntries(own ?? []),
  }
}

function listUnknown(environment: object, files: readonly string[]): readonly string[] {
  const code = files.map((file) => readFileSync(`${ROOT}packages/${file}`, 'utf8')).join('\n')
  return Object.keys(environment).filter((name) => !code.includes(`  ${name}:`))
}
