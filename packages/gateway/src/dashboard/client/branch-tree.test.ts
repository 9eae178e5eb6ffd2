import { expect, it } from 'vitest'
import { growTree, type BranchNode } from './branch-tree.ts'
import type { Tree } from './wire.ts'

const counts = { succeeded: 0, failed: 0, 'fanned-out': 0 }

function outline(node: BranchNode): unknown {
  return node.fanOuts.map(({ generation, count, done, isChosen, children }) => ({
    is: `${generation} ${done}/${count}${isChosen ? '' : ' unused'}`,
    of: children.map((child) => [child.index, child.status, ...[outline(child)].flat()]),
  }))
}

it('A tree has the branches below those that made them, in order, also while some go on', () => {
  const tree: Tree = {
    branches: [
      { branch: '10.12.g', status: 'succeeded', size: 3 },
      { branch: '2.12.g', status: 'failed', size: 5 },
      { branch: '3.12.g/1.2.h', status: 'succeeded', size: 1 },
    ],
    generations: [
      { branch: '', generation: 'g', count: 12, done: 2 },
      { branch: '3.12.g', generation: 'h', count: 2, done: 1 },
    ],
    counts,
  }
  const root = growTree(tree)
  expect(root && outline(root)).toEqual([
    {
      is: 'g 2/12',
      of: [
        [2, 'failed'],
        [3, 'open', { is: 'h 1/2', of: [[1, 'succeeded']] }],
        [10, 'succeeded'],
      ],
    },
  ])
})

it('An answer that was not whole first supplies no results, and is said not to', () => {
  const root = growTree({
    branches: [
      { branch: '', status: 'fanned-out', generation: 'g' },
      { branch: '0.1.g', status: 'succeeded' },
      { branch: '0.2.other', status: 'succeeded' },
    ],
    generations: [
      { branch: '', generation: 'g', count: 1, done: 1 },
      { branch: '', generation: 'other', count: 2, done: 1 },
    ],
    counts,
  })
  expect(root && outline(root)).toEqual([
    { is: 'g 1/1', of: [[0, 'succeeded']] },
    { is: 'other 1/2 unused', of: [[0, 'succeeded']] },
  ])
})

it('A job without fan-outs has no tree', () => {
  const branches = [{ branch: '', status: 'succeeded' as const }]
  expect(growTree({ branches, generations: [], counts })).toBeUndefined()
})
