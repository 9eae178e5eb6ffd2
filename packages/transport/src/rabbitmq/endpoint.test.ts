import { expect, it } from 'vitest'
import { describeEndpoint, parseRabbitmqUrl } from './endpoint.ts'

it.each([
  ['amqp://h', 'amqp://h:5672', 'guest', 'guest'],
  ['amqp://h/', 'amqp://h:5672', 'guest', 'guest'],
  ['amqps://u:p%40%2Fss@h:1/a%2Fb', 'amqps://h:1/a/b', 'u', 'p@/ss'],
  ['amqps://u:p@[::1]/v', 'amqps://[::1]:5671/v', 'u', 'p'],
  ['amqp://u@h', 'amqp://h:5672', 'u', ''],
])('%s is read, and shown without user and password', async (url, shown, username, password) => {
  const endpoint = parseRabbitmqUrl(url)
  expect(endpoint && describeEndpoint(endpoint)).toBe(shown)
  expect(endpoint?.username).toBe(username)
  expect(await endpoint?.password.read()).toBe(password)
})

it.each(['', 'h:5672', 'http://h', 'amqp://u:%ZZ@h', 'amqp://h:99999'])(
  '"%s" is no URL of a broker',
  (url) => {
    expect(parseRabbitmqUrl(url)).toBeUndefined()
  },
)
