import { resolve } from 'node:path'
import { toRuntimeEnvironment } from '@asya/protocol'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const HANDLER = { ASYA_HANDLER: 'dist/actor.js#readPage' }

test('with the handler alone everything has its default', () => {
  expect(readConfig(HANDLER)).toEqual({
    handler: {
      text: 'dist/actor.js#readPage',
      path: resolve('dist/actor.js'),
      exportName: 'readPage',
    },
    guardPath: undefined,
    actorName: 'read-page',
    isolation: 'thread',
    concurrency: 1,
    socket: { path: '/tmp/sockets/app.sock', mode: 0o660 },
    maxFrameBytes: 10 * 1024 * 1024,
    defaultTimeoutMs: undefined,
    loadTimeoutMs: 300_000,
    heapLimitMiB: undefined,
    logLevel: 'info',
    graceMs: 30_000,
  })
})

test('the export may be left out, and a path may hold a #', () => {
  expect(readConfig({ ASYA_HANDLER: 'actor.js' }).handler.exportName).toBeUndefined()
  expect(readConfig({ ASYA_HANDLER: '/c#/actor.js#act' }).handler).toMatchObject({
    path: '/c#/actor.js',
    exportName: 'act',
  })
})

test('the guard is found from the working directory', () => {
  const { guardPath } = readConfig({ ...HANDLER, ASYA_GUARD: 'guards/read-page.mjs' })
  expect(guardPath).toBe(resolve('guards/read-page.mjs'))
})

test.for([
  ['0o660', 0o660],
  ['0660', 0o660],
  ['660', 0o660],
  ['666', 0o666],
] as const)('the permissions %s are read as octal', ([text, mode]) => {
  expect(readConfig({ ...HANDLER, ASYA_SOCKET_CHMOD: text }).socket.mode).toBe(mode)
})

test('concurrency has an alias, and its own name goes first', () => {
  const alias = { ...HANDLER, ASYA_RABBITMQ_PREFETCH: '7' }
  expect(readConfig(alias).concurrency).toBe(7)
  expect(readConfig({ ...alias, ASYA_CONCURRENCY: '3' }).concurrency).toBe(3)
})

test('every problem is reported at once', () => {
  const wrong = {
    ASYA_HANDLER: '#act',
    ASYA_ISOLATION: 'vm',
    ASYA_SOCKET_CHMOD: '999',
    ASYA_SOCKET_PATH: `/${'x'.repeat(110)}`,
    ASYA_HEAP_LIMIT: '1',
    ASYA_LOAD_TIMEOUT: 'soon',
  }
  for (const name of Object.keys(wrong)) expect(() => readConfig(wrong)).toThrow(name)
})

test('what the operator writes is read back as it was meant', () => {
  const environment = toRuntimeEnvironment({
    actorName: 'read-page',
    socketPath: '/run/asya/app.sock',
    concurrency: 8,
    maxMessageBytes: 1_048_576,
    timeoutMs: 90_500,
    graceMs: 105_500,
  })
  expect(readConfig({ ...HANDLER, ...environment })).toMatchObject({
    actorName: 'read-page',
    socket: { path: '/run/asya/app.sock' },
    concurrency: 8,
    maxFrameBytes: 1_048_576,
    defaultTimeoutMs: 90_500,
    graceMs: 105_500,
  })
})
