import { describe, expect, test } from 'vitest'
import {
  escapeReferences,
  isCpuQuantity,
  isDataKey,
  isEnvironmentName,
  isExtendedResource,
  isImage,
  isImageRegistry,
  isImageTag,
  isLabelKey,
  isLabelValue,
  isMemoryQuantity,
  isNamespace,
  isObjectName,
} from './kubernetes-values.ts'

const digest = `sha256:${'0a'.repeat(32)}`

/** What is taken, and what is not. */
const cases: readonly [(value: unknown) => boolean, readonly unknown[], readonly unknown[]][] = [
  [isNamespace, ['a', 'team-1', '1a'], ['', 'A', '-a', 'a-', 'a.b', 'a'.repeat(64), 1]],
  [isObjectName, ['a', 'a.b-c', 'a'.repeat(253)], ['', 'A', 'a..b', 'a_b', 'a'.repeat(254), null]],
  [isEnvironmentName, ['A', '_a1'], ['', '1A', 'A-B', 'A B', 'A.B', {}]],
  [isDataKey, ['a', 'A_b.c-d', '.netrc'], ['', '.', '..', '..a', 'a/b', 'a'.repeat(254)]],
  [
    isLabelKey,
    ['a', 'A_b.c', 'x.io/a', 'a'.repeat(63)],
    ['', '/a', 'x.io/', 'X.io/a', 'a/b/c', 'a'.repeat(64), '-a'],
  ],
  [isLabelValue, ['', 'a', 'A_b.c', '1'], ['-a', 'a-', 'a b', 'a/b', 'a'.repeat(64), 1]],
  [isExtendedResource, ['nvidia.com/gpu'], ['gpu', 'requests.nvidia.com/gpu', 'nvidia.com/']],
  [isCpuQuantity, ['1', '0.5', '500m', '1.125'], ['0', '0m', '1.2345', '1.5m', '-1', '1k', 2, '']],
  [
    isMemoryQuantity,
    ['512Mi', '2Gi', '1.5G', '1000', '1k', '1Ei'],
    ['512m', '0', '2GB', '2gi', '1K', '', 512],
  ],
  [
    isImage,
    ['a', 'a:1', 'x.io/a/b_c:1.2-rc', 'localhost:5000/a', `x.io/a@${digest}`, `a:1@${digest}`],
    ['', 'A', 'a:', 'a b', 'x.io/', 'x.io//a', 'https://x.io/a', 'a@sha256:00', 'a..b', '-a'],
  ],
  [
    isImageRegistry,
    ['x.io', 'localhost:5000', 'x.io/team/project', 'team'],
    ['', 'x.io/', 'https://x.io', 'x.io/Team', 'x.io/a:1', 'a b'],
  ],
  [isImageTag, ['1', 'v1.2-rc_3', 'a'.repeat(128)], ['', '-1', '.1', 'a/b', 'a'.repeat(129), 1]],
]

describe.each(cases.map(([check, valid, invalid]) => ({ check, valid, invalid })))(
  '$check.name',
  ({ check, valid, invalid }) => {
    test('What Kubernetes takes is allowed.', () => {
      expect(valid.filter((value) => !check(value))).toEqual([])
    })

    test('What it refuses is not.', () => {
      expect(invalid.filter((value) => check(value))).toEqual([])
    })
  },
)

test('A text that looks like a reference to a variable is escaped, and any other stays as it is.', () => {
  expect(['$(HOME)', 'a$$b', 'costs $5', ''].map(escapeReferences)).toEqual([
    '$$(HOME)',
    'a$$$$b',
    'costs $5',
    '',
  ])
})
