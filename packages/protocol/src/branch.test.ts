import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  branchKey,
  childId,
  decodeBranch,
  generationOf,
  MAX_BRANCH_DEPTH,
  ROOT,
  toWireBranch,
  type Branch,
} from './branch.ts'
import { stringifyToBytes, toJsonBytes } from './json-bytes.ts'
import { isId } from './names.ts'
import { MAX_OUTPUTS } from './reply.ts'

const entry = fc
  .tuple(
    fc.nat(),
    fc.integer({ min: 1, max: MAX_OUTPUTS }),
    fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  )
  .map(([index, count, generation]) => ({ index: index % count, count, generation }))
const branch: fc.Arbitrary<Branch> = fc.array(entry, { maxLength: MAX_BRANCH_DEPTH })

describe('A branch', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(branch, (given) => {
        expect(decodeBranch(stringifyToBytes(toWireBranch(given)))).toEqual(given)
      }),
    )
  })

  it('has a key that no other branch has', () => {
    fc.assert(
      fc.property(branch, branch, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(branchKey(one) === branchKey(other)).toBe(isSame)
      }),
    )
    expect(branchKey(ROOT)).toBe('')
  })

  it('claims no more children than a fan-out may have', () => {
    const claim = (count: number): Branch | undefined =>
      decodeBranch(stringifyToBytes([[0, count, 'g']]))
    expect(claim(MAX_OUTPUTS)).toBeDefined()
    expect(claim(MAX_OUTPUTS + 1)).toBeUndefined()
    expect(claim(100_000_000)).toBeUndefined()
  })

  it('is malformed rather than thrown at, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('[', ']', '{', '}', '"', ',', '0', '1', '9', 'a', '-', '.', ' '),
        }),
        (text) => {
          expect(() => decodeBranch(toJsonBytes(Buffer.from(text)))).not.toThrow()
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('A generation', () => {
  const parts = fc.array(fc.string({ maxLength: 5 }), { minLength: 1, maxLength: 5 })

  it('is the same for the same outputs, as text and as bytes', () => {
    fc.assert(
      fc.property(parts, (texts) => {
        expect(generationOf(texts)).toBe(generationOf(texts.map((text) => Buffer.from(text))))
      }),
    )
  })

  it('differs when any part differs, or where one part ends and the next begins', () => {
    fc.assert(
      fc.property(parts, parts, (some, others) => {
        const isSame = JSON.stringify(some) === JSON.stringify(others)
        expect(generationOf(some) === generationOf(others)).toBe(isSame)
      }),
      { numRuns: 1_000 },
    )
    expect(generationOf(['1', '2:x'])).not.toBe(generationOf(['1', '2', 'x']))
  })

  it('may stand in a branch', () => {
    const generation = generationOf(['1', '2'])
    expect(decodeBranch(stringifyToBytes([[0, 2, generation]]))).toBeDefined()
  })
})

describe('The id of a child', () => {
  const lineage = { parentId: 'm', stepIndex: 0, step: 'split', generation: 'g' }

  it('is derived: the same each time', () => {
    expect(childId(lineage, 0)).toBe(childId({ ...lineage }, 0))
    expect(isId(childId(lineage, 0))).toBe(true)
  })

  it('differs by parent, step, place in the route, generation and index', () => {
    const ids = [
      childId(lineage, 0),
      childId(lineage, 1),
      childId({ ...lineage, parentId: 'n' }, 0),
      childId({ ...lineage, stepIndex: 1 }, 0),
      childId({ ...lineage, step: 'other' }, 0),
      childId({ ...lineage, generation: 'h' }, 0),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is nobody else’s in three nested fan-outs of twenty', () => {
    const ids = new Set<string>()
    const descend = (parentId: string, depth: number): void => {
      for (let index = 0; index < 20; index++) {
        const id = childId({ parentId, stepIndex: depth, step: 's', generation: 'g' }, index)
        ids.add(id)
        if (depth < 2) descend(id, depth + 1)
      }
    }
    descend('root', 0)
    expect(ids.size).toBe(20 + 400 + 8_000)
  })
})
