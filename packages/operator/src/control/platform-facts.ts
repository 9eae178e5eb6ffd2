import type { Platform } from '../desired/platform.ts'
import type { KubeClient } from '../kube/kube-client.ts'

/** What the installation says; the rest the cluster does. */
export type InstalledPlatform = Omit<Platform, 'hasKeda' | 'hasNativeSidecars'>

export const KEDA_API_VERSION = 'keda.sh/v1alpha1'

/** From here on no node of the cluster can be too old for them (the skew is three versions, from 1.29). */
const NATIVE_SIDECARS_MINOR = 33

function hasNativeSidecars({ major, minor }: { major: number; minor: number }): boolean {
  return major > 1 || (major === 1 && minor >= NATIVE_SIDECARS_MINOR)
}

/** Asks the cluster. */
export async function readPlatform(
  client: KubeClient,
  installed: InstalledPlatform,
): Promise<Platform> {
  const [version, hasKeda] = await Promise.all([
    client.serverVersion(),
    client.hasKind(KEDA_API_VERSION, 'ScaledObject'),
  ])
  return { ...installed, hasKeda, hasNativeSidecars: hasNativeSidecars(version) }
}
