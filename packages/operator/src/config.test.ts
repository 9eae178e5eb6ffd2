import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'asya-operator-config-'))
const shim = join(folder, 'asya.py')
writeFileSync(shim, 'print("asya")\n')
afterAll(() => rmSync(folder, { recursive: true }))

const least = {
  ASYA_SIDECAR_IMAGE: 'example.com/asya/sidecar:0.1.0',
  ASYA_PYTHON_RUNTIME: shim,
  ASYA_RABBITMQ_HOST: 'rabbitmq.asya.svc',
  ASYA_OPERATOR_NAMESPACE: 'asya-system',
  ASYA_POD_NAME: 'asya-operator-1',
}

describe('The configuration of an operator', () => {
  test('needs an image, a broker, the Python runtime, and who it is.', () => {
    expect(readConfig(least)).toMatchObject({
      namespaces: [],
      lease: { namespace: 'asya-system', name: 'asya-operator', identity: 'asya-operator-1' },
      platform: { pythonRuntime: 'print("asya")\n', gateway: undefined },
    })
  })

  test('says all that is missing at once.', () => {
    expect(() => readConfig({})).toThrow(
      /ASYA_SIDECAR_IMAGE[^]*ASYA_PYTHON_RUNTIME[^]*ASYA_RABBITMQ_HOST/,
    )
  })

  test.each([
    ['ASYA_SIDECAR_IMAGE', 'not an image'],
    ['ASYA_RABBITMQ_PASSWORD_SECRET', 'rabbitmq'],
    ['ASYA_RABBITMQ_PASSWORD_SECRET', 'a/b/c'],
    ['ASYA_WATCH_NAMESPACES', 'team a'],
    ['ASYA_PYTHON_RUNTIME', '/nowhere/asya.py'],
    ['ASYA_GATEWAY_URL', 'gateway:8081'],
  ])('names %s when it is "%s".', (name, value) => {
    expect(() => readConfig({ ...least, [name]: value })).toThrow(name)
  })

  test('A lone operator need not say who it is.', () => {
    const nameless = { ...least, ASYA_POD_NAME: '' }
    expect(() => readConfig(nameless)).toThrow('ASYA_LEADER_ELECTION')
    expect(readConfig({ ...nameless, ASYA_LEADER_ELECTION: 'false' }).lease).toBeUndefined()
  })

  test('reads secrets by name and key, and namespaces with commas between.', () => {
    const config = readConfig({
      ...least,
      ASYA_RABBITMQ_PASSWORD_SECRET: 'rabbitmq/password',
      ASYA_WATCH_NAMESPACES: 'team-a, team-b',
    })
    expect(config.platform.rabbitmq.passwordSecretRef).toEqual({
      name: 'rabbitmq',
      key: 'password',
    })
    expect(config.namespaces).toEqual(['team-a', 'team-b'])
  })
})
