import { expect, test } from 'vitest'
import { findManagers, readOwners } from './field-owners.ts'

const object = {
  metadata: {
    managedFields: [
      {
        manager: 'asya-cli',
        fieldsV1: {
          'f:spec': {
            'f:queueName': {},
            'f:containers': { 'k:{"name":"runtime"}': { '.': {}, 'f:image': {}, 'f:name': {} } },
            'f:codes': { 'v:"oom_error"': {} },
          },
        },
      },
      { manager: 'kubectl-edit', fieldsV1: { 'f:spec': { 'f:scaling': { 'f:maxReplicas': {} } } } },
      {
        manager: 'operator',
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:replicas': {} } },
      },
    ],
  },
}

test('Each leaf has its manager, but those of the status.', () => {
  expect(readOwners(object).map(({ path, manager }) => `${path.join(' ')}: ${manager}`)).toEqual([
    'spec queueName: asya-cli',
    'spec containers [runtime] image: asya-cli',
    'spec containers [runtime] name: asya-cli',
    'spec codes ["oom_error"]: asya-cli',
    'spec scaling maxReplicas: kubectl-edit',
  ])
})

test('A field is of those who set it, or something in it, or all around it.', () => {
  const owners = readOwners(object)
  expect(findManagers(owners, ['spec', 'scaling', 'maxReplicas'])).toEqual(['kubectl-edit'])
  expect(findManagers(owners, ['spec'])).toEqual(['asya-cli', 'kubectl-edit'])
  expect(findManagers(owners, ['spec', 'queueName', 'deeper'])).toEqual(['asya-cli'])
  expect(findManagers(owners, ['spec', 'timeout'])).toEqual([])
})

test('What has no managed fields is of nobody.', () => {
  expect(readOwners({})).toEqual([])
  expect(readOwners({ metadata: { managedFields: [{ manager: 'a' }] } })).toEqual([])
})
