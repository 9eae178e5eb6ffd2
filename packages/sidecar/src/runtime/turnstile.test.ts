import { describe, expect, test } from 'vitest'
import { Turnstile, type Ticket } from './turnstile.ts'

async function enterNow(turnstile: Turnstile, isSuspect: boolean): Promise<Ticket> {
  const ticket = await turnstile.enter(isSuspect)
  if (ticket === 'turned-away') throw new Error('turned away')
  return ticket
}

/** What a waiting message has been told so far. */
function watch(passage: Promise<Ticket | 'turned-away'>): {
  said: Ticket | 'turned-away' | 'nothing'
} {
  const watched: { said: Ticket | 'turned-away' | 'nothing' } = { said: 'nothing' }
  void passage.then((said) => {
    watched.said = said
  })
  return watched
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the turnstile before the runtime', () => {
  test('lets nobody through while the runtime is absent', async () => {
    const turnstile = new Turnstile()
    const waiting = watch(turnstile.enter(false))
    await settle()
    expect(waiting.said).toBe('nothing')
    turnstile.setOpen(true)
    await settle()
    expect(waiting.said).toMatchObject({ isSuspect: false })
  })

  test('lets many innocents through at once', async () => {
    const turnstile = new Turnstile()
    turnstile.setOpen(true)
    const tickets = await Promise.all([1, 2, 3].map(() => enterNow(turnstile, false)))
    expect(tickets).toHaveLength(3)
  })

  test('lets a suspect through only when nobody else is inside, and nobody beside it', async () => {
    const turnstile = new Turnstile()
    turnstile.setOpen(true)
    const first = await enterNow(turnstile, false)
    const suspect = watch(turnstile.enter(true))
    const innocent = watch(turnstile.enter(false))
    await settle()
    expect([suspect.said, innocent.said]).toEqual(['nothing', 'nothing'])
    turnstile.leave(first)
    await settle()
    expect(suspect.said).toMatchObject({ isSuspect: true })
    expect(innocent.said).toBe('nothing')
    turnstile.leave(suspect.said as Ticket)
    await settle()
    expect(innocent.said).toMatchObject({ isSuspect: false })
  })

  test('takes suspects before innocents, each in the order in which it came', async () => {
    const turnstile = new Turnstile()
    const order: string[] = []
    const come = (name: string, isSuspect: boolean): Promise<void> =>
      turnstile.enter(isSuspect).then((ticket) => {
        order.push(name)
        if (ticket !== 'turned-away') turnstile.leave(ticket)
      })
    const all = [
      come('innocent 1', false),
      come('suspect 1', true),
      come('innocent 2', false),
      come('suspect 2', true),
    ]
    turnstile.setOpen(true)
    await Promise.all(all)
    expect(order).toEqual(['suspect 1', 'suspect 2', 'innocent 1', 'innocent 2'])
  })

  test('gives company to everybody inside when one call is lost, and to nobody alone', async () => {
    const turnstile = new Turnstile()
    turnstile.setOpen(true)
    const [a, b] = [await enterNow(turnstile, false), await enterNow(turnstile, false)]
    turnstile.noteLoss(a)
    turnstile.leave(a)
    expect([a.hadCompany, b.hadCompany]).toEqual([true, true])
    turnstile.leave(b)
    const alone = await enterNow(turnstile, true)
    turnstile.noteLoss(alone)
    expect(alone.hadCompany).toBe(false)
  })

  test('turns innocents away when the runtime is gone, and keeps suspects', async () => {
    const turnstile = new Turnstile()
    const innocent = watch(turnstile.enter(false))
    const suspect = watch(turnstile.enter(true))
    turnstile.turnAwayInnocents()
    await settle()
    expect([innocent.said, suspect.said]).toEqual(['turned-away', 'nothing'])
  })

  test('turns everybody away once it is closed', async () => {
    const turnstile = new Turnstile()
    const suspect = watch(turnstile.enter(true))
    turnstile.close()
    turnstile.setOpen(true)
    const late = watch(turnstile.enter(false))
    await settle()
    expect([suspect.said, late.said]).toEqual(['turned-away', 'turned-away'])
  })
})
