import { fieldsOf, type Fields } from '../kube/fields.ts'

/** What Kubernetes' restricted policy asks of a container. */
export const RESTRICTED: Fields = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}

/** Of nobody in particular; the number of the group in our images. */
const GROUP_ID = 65_532

/** Both containers share the socket by their group, whatever users they are. */
export function completePodSecurity(pod: unknown): Fields {
  return { fsGroup: GROUP_ID, ...fieldsOf(pod) }
}

/** Restricted, as far as neither the container nor its pod says otherwise. */
export function completeContainerSecurity(container: unknown, pod: unknown): Fields {
  const own = fieldsOf(container)
  const said = { ...fieldsOf(pod), ...own }
  const { runAsNonRoot, allowPrivilegeEscalation, capabilities, seccompProfile } = RESTRICTED
  return {
    ...(!('runAsNonRoot' in said) && said['runAsUser'] !== 0 && { runAsNonRoot }),
    ...(!hasPrivileges(own) && { allowPrivilegeEscalation }),
    ...(!('seccompProfile' in said) && { seccompProfile }),
    ...own,
    capabilities: { ...fieldsOf(capabilities), ...fieldsOf(own['capabilities']) },
  }
}

/** The API server refuses them together with the promise not to gain any. */
function hasPrivileges({ privileged, capabilities }: Fields): boolean {
  const { add } = fieldsOf(capabilities)
  return privileged === true || (Array.isArray(add) && add.includes('SYS_ADMIN'))
}
