import { describe, expect, test } from 'vitest'
import { DefinitionError } from './errors.ts'
import { checkActorOptions, toMs, toRetryPolicy, type ActorOptions } from './options.ts'

function problemsOf(options: unknown): readonly string[] {
  try {
    checkActorOptions(options as ActorOptions)
    return []
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems
    throw error
  }
}

describe('the options of an actor', () => {
  test('Everything that is documented is allowed.', () => {
    const options: ActorOptions = {
      name: 'read-page',
      description: 'Reads the text of a page.',
      timeout: '1m30s',
      retry: {
        maxAttempts: 5,
        initialDelay: 500,
        maxDelay: '10m',
        backoff: 1.5,
        retryCodes: ['validation_error'],
        fatalCodes: ['cuda_oom_error', 'code_of_another_runtime'],
      },
      scaling: { min: 0, max: 10, queueLength: 5, pollingInterval: '10s', cooldownPeriod: '1m' },
      concurrency: 4,
    }
    expect(checkActorOptions(options)).toEqual(options)
    expect(problemsOf({})).toEqual([])
  })

  test('An option that is undefined counts as left out.', () => {
    expect(problemsOf({ name: undefined, retry: { backoff: undefined } })).toEqual([])
  })

  test.each<[unknown, string]>([
    [
      { name: 'readPage' },
      "option name is 'readPage': expected at most 50 of a-z, 0-9 and -, beginning with a letter and not ending with -",
    ],
    [{ name: '' }, "option name is '': expected at most 50"],
    [{ name: 'a'.repeat(51) }, 'expected at most 50'],
    [{ description: '  ' }, "option description is '  ': expected a text"],
    [
      { timeout: '2 minutes' },
      "option timeout is '2 minutes': expected a duration above 0 such as '90s' or '1m30s', or milliseconds, of at most 24 days",
    ],
    [{ timeout: 0 }, 'option timeout is 0: expected a duration above 0'],
    [{ timeout: -1 }, 'option timeout is -1: expected'],
    [{ timeout: NaN }, 'option timeout is NaN: expected'],
    [{ timeout: Infinity }, 'option timeout is Infinity: expected'],
    [{ timeout: '600h' }, "option timeout is '600h': expected"],
    [{ concurrency: 1.5 }, 'option concurrency is 1.5: expected a whole number from 1 to 1000'],
    [{ concurrency: '4' }, "option concurrency is '4': expected a whole number"],
    [{ retry: 3 }, 'option retry is 3: expected an object'],
    [{ retry: [] }, 'option retry is a list: expected an object'],
    [
      { retry: { maxAttempts: 0 } },
      'option retry.maxAttempts is 0: expected a whole number from 1 to 1000',
    ],
    [{ retry: { backoff: 0.5 } }, 'option retry.backoff is 0.5: expected a number from 1 to 100'],
    [
      { retry: { retryCodes: 'timeout_error' } },
      "option retry.retryCodes is 'timeout_error': expected a list of failure codes",
    ],
    [
      { retry: { initialDelay: '10m' } },
      "option retry.initialDelay is '10m': expected at most retry.maxDelay, which is '5m'",
    ],
    [
      { retry: { retryCodes: ['a', 'b'], fatalCodes: ['b'] } },
      "option retry.retryCodes has 'b', and so has retry.fatalCodes",
    ],
    [{ scaling: { min: -1 } }, 'option scaling.min is -1: expected a whole number from 0 to 10000'],
    [
      { scaling: { min: 5, max: 2 } },
      'option scaling.min is 5: expected at most scaling.max, which is 2',
    ],
    [{ timout: '2m' }, 'there is no option timout; did you mean timeout?'],
    [{ retry: { attempts: 3 } }, 'there is no option retry.attempts'],
    [
      { retry: { maxAttempt: 3 } },
      'there is no option retry.maxAttempt; did you mean maxAttempts?',
    ],
    [{ constructor: 1 }, 'there is no option constructor'],
    [null, 'the options is null: expected an object'],
    [() => 1, 'the options is a function: expected an object'],
  ])('%j is told: %s', (options, problem) => {
    const problems = problemsOf(options)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })

  test('Every problem is told at once.', () => {
    expect(problemsOf({ name: 'X', timeout: 'x', retry: { backoff: 0 } })).toHaveLength(3)
  })
})

describe('toRetryPolicy', () => {
  test('What is left out has the value of the default policy.', () => {
    expect(toRetryPolicy()).toMatchObject({ maxAttempts: 3, initialDelayMs: 1_000, backoff: 2 })
    expect(toRetryPolicy({ initialDelay: '5s', maxDelay: 60_000 })).toMatchObject({
      maxAttempts: 3,
      initialDelayMs: 5_000,
      maxDelayMs: 60_000,
    })
  })
})

describe('toMs', () => {
  test('A duration is read as text or as milliseconds.', () => {
    expect(['300ms', '1m30s', '1.5h', 250, '0'].map(toMs)).toEqual([300, 90_000, 5_400_000, 250, 0])
    expect(['', '5', '-1s', NaN, undefined, {}].map(toMs)).toEqual(Array(6).fill(undefined))
  })
})
