import { stringify } from 'yaml'

/**
 * As readers of YAML 1.1 understand it too, such as Kubernetes: `on`, `12:30` and dates are quoted.
 * No anchors, and lines as long as their text.
 */
export function writeYaml(value: object): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' })
}
