import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToText, stringifyToBytes, toJsonBytes } from './json-bytes.ts'
import { currentStep, decodeRoute, explainRouteChange, MAX_STEPS, type Route } from './route.ts'

const decode = (value: unknown): ReturnType<typeof decodeRoute> =>
  decodeRoute(stringifyToBytes(value))

const step = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/)
const route = fc
  .tuple(fc.array(step, { maxLength: 8 }), fc.nat())
  .map(([steps, current]): Route => ({ steps, current: current % (steps.length + 1), unknown: [] }))

describe('A route', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(route, ({ steps, current }) => {
        expect(decode({ steps, current })).toEqual({
          ok: true,
          route: { steps, current, unknown: [] },
        })
      }),
    )
  })

  it('keeps what this version does not know, in order and byte for byte', () => {
    const decoded = decode({ metadata: { n: 1 }, steps: ['a'], 'x-y': null, current: 0 })
    const unknown = decoded.ok ? decoded.route.unknown : []
    expect(unknown.map(({ name, value }) => [name, bytesToText(value)])).toEqual([
      ['metadata', '{"n":1}'],
      ['x-y', 'null'],
    ])
  })

  it('cannot be changed for the messages that come after it', () => {
    const decoded = decode({ steps: ['a', 'b'], current: 0 })
    if (!decoded.ok) throw new Error(decoded.reason)
    expect(() => (decoded.route.steps as string[]).push('evil')).toThrow(TypeError)
    expect(decode({ steps: ['a', 'b'], current: 0 })).toMatchObject({
      route: { steps: ['a', 'b'] },
    })
  })

  it('says which step has no name of a queue', () => {
    expect(decode({ steps: ['a', 'b c'], current: 0 })).toMatchObject({
      rule: 'invalid_steps',
      reason: 'route.steps[1] is not the name of a queue',
    })
  })

  it('has at most 10,000 steps', () => {
    const steps = Array.from({ length: MAX_STEPS }, () => 'a')
    expect(decode({ steps, current: 0 }).ok).toBe(true)
    expect(decode({ steps: [...steps, 'a'], current: 0 })).toMatchObject({ rule: 'too_many_steps' })
  })

  it('is refused for a long name that stands twice with a short reason', () => {
    const name = 'x'.repeat(1_000_000)
    const text = `{"${name}":1,"${name}":2}`
    const decoded = decodeRoute(toJsonBytes(Buffer.from(text)))
    expect(decoded.ok ? '' : decoded.reason).toHaveLength(120)
  })

  it('is held by its current step, and by none when it is finished', () => {
    expect(currentStep({ steps: ['a', 'b'], current: 1, unknown: [] })).toBe('b')
    expect(currentStep({ steps: ['a', 'b'], current: 2, unknown: [] })).toBeUndefined()
  })
})

describe('A handler may change', () => {
  it('the steps still ahead, all of them', () => {
    fc.assert(
      fc.property(route, fc.array(step, { maxLength: 5 }), (before, ahead) => {
        fc.pre(before.current < before.steps.length)
        const after = { ...before, steps: [...before.steps.slice(0, before.current + 1), ...ahead] }
        expect(explainRouteChange(before, after)).toBeUndefined()
      }),
    )
  })

  it('neither a step that is not ahead any more, nor where the message is', () => {
    fc.assert(
      fc.property(route, fc.nat(), fc.boolean(), (before, place, isMoved) => {
        fc.pre(before.current < before.steps.length)
        const index = place % (before.current + 1)
        const steps = before.steps.map((name, at) => (at === index ? `${name}x` : name))
        const after = isMoved ? { ...before, current: before.current + 1 } : { ...before, steps }
        expect(explainRouteChange(before, after)).toMatch(isMoved ? /moved/ : `steps[${index}]`)
      }),
    )
  })

  it('no step away from under itself', () => {
    const before = { steps: ['a', 'b', 'c'], current: 1, unknown: [] }
    expect(explainRouteChange(before, { ...before, steps: ['a'] })).toMatch('route.steps[1]')
  })
})
