import { DatabaseUnavailableError } from '../errors.ts'
import { Refusal, TAKEN_OVER } from './answer.ts'
import type { Route } from './route.ts'

/** Told of each request, when it was answered: as seconds, and by the path of its route. */
export type ObserveRequest = (request: {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly seconds: number
}) => void

/** The same routes, which tell how long they took. */
export function timeRoutes(routes: readonly Route[], observe: ObserveRequest): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    handle: async (asked) => {
      const { method, path } = route
      const startedAt = performance.now()
      const tell = (status: number): void => {
        observe({ method, path, status, seconds: (performance.now() - startedAt) / 1_000 })
      }
      try {
        const answer = await route.handle(asked)
        tell(answer === TAKEN_OVER ? asked.response.statusCode : answer.status)
        return answer
      } catch (error) {
        tell(toStatus(error))
        throw error
      }
    },
  }))
}

function toStatus(error: unknown): number {
  if (error instanceof Refusal) return error.status
  return error instanceof DatabaseUnavailableError ? 503 : 500
}
