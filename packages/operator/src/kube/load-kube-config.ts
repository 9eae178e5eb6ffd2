// Not from the index: that brings the whole API as classes, which is 1 MB of code.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'

/**
 * The cluster to speak with: the one of KUBECONFIG, else of `~/.kube/config`, else the one that this
 * process runs in.
 *
 * @param context one of the kubeconfig's, instead of its current one
 * @throws when there is none, or it cannot be read; the message says what to do
 */
export function loadKubeConfig(context?: string): KubeConfig {
  const kubeConfig = new KubeConfig()
  try {
    kubeConfig.loadFromDefault()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`the kubeconfig cannot be read: ${why}`, { cause })
  }
  if (context !== undefined) chooseContext(kubeConfig, context)
  // What the library makes up where it finds nothing.
  if (kubeConfig.getCurrentCluster()?.server === 'http://localhost:8080')
    throw new Error('there is no kubeconfig: set KUBECONFIG, or make ~/.kube/config')
  return kubeConfig
}

function chooseContext(kubeConfig: KubeConfig, context: string): void {
  const names = kubeConfig.getContexts().map(({ name }) => name)
  if (!names.includes(context))
    throw new Error(`the kubeconfig has no context "${context}": expected ${names.join(' or ')}`)
  kubeConfig.setCurrentContext(context)
}
