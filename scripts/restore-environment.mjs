import { afterAll, vi } from 'vitest'

// Test files share their process: none leaves the variables that it set to the next.
afterAll(() => {
  vi.unstubAllEnvs()
})
