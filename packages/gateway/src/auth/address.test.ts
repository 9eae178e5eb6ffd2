import { describe, expect, it } from 'vitest'
import { isLoopback, toClient } from './address.ts'
import { RateLimit } from './rate-limit.ts'
import { isAllowedHost } from './site-rules.ts'

describe('A client', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    [undefined, 'unknown'],
  ])('is known by its address, or by the network that is one customer’s: %s', (address, client) => {
    expect(toClient(address)).toBe(client)
  })

  it.each([
    ['127.0.0.1', true],
    ['[::1]', true],
    ['LOCALHOST', true],
    ['127.0.0.1.evil.example', false],
    ['128.0.0.1', false],
    ['0.0.0.0', false],
  ])('is this machine or not: %s', (host, is) => {
    expect(isLoopback(host)).toBe(is)
  })
})

describe('Where nobody has to say who they are, and others can ask', () => {
  const rules = { hosts: 'private' as const, origins: [], hasLocalOrigins: false }
  it.each([
    '10.0.0.1',
    '[fd00::1]:80',
    'gateway',
    'gateway.ns.svc',
    'gateway.ns.svc.cluster.local',
    'mini.local',
    'x.internal:8080',
  ])('a name that no stranger can have is taken: %s', (host) =>
    expect(isAllowedHost(host, rules)).toBe(true),
  )
  it.each(['evil.example', 'svc.evil.com', 'local.evil.io', 'nip.10.0.0.1.nip.io'])(
    'a name that a stranger can have is not: %s',
    (host) => expect(isAllowedHost(host, rules)).toBe(false),
  )
})

describe('A rate', () => {
  it('is held over time, and what is saved up is bounded', () => {
    const limit = new RateLimit(10)
    const takeAll = (nowMs: number): number => {
      let taken = 0
      while (limit.take('a', nowMs) === 0) taken++
      return taken
    }
    expect(takeAll(0)).toBe(20)
    expect(takeAll(1_000)).toBe(10)
    expect(takeAll(100_000)).toBe(20)
    expect(limit.take('b', 100_000)).toBe(0)
  })

  it('remembers so many clients and no more', () => {
    const limit = new RateLimit(1)
    for (let n = 0; n < 50_000; n++) limit.take(`client-${n}`, 0)
    expect(limit.clientCount).toBeLessThanOrEqual(20_000)
  })
})
