import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'
import { OPERATIONS } from './openapi-operations.ts'

let database: TestDatabase
let gateway: TestGateway
let document: OpenApi

interface OpenApi extends Record<string, unknown> {
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, { content: Record<string, object> }> }>
  >
  readonly components: object
}

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  gateway = await startTestGateway({ databaseUrl: database.url })
  gateway.gateway.tools.replace([makeTool('triage', ['extract'])])
  document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as OpenApi
})

afterAll(async () => {
  await gateway.close()
  await database.close()
})

describe('The OpenAPI document', () => {
  it('is valid', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
  })

  it('has every operation, and every operation is answered', () => {
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      ),
    )
    expect(documented.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted())
  })

  it('has every route of tools, jobs, sidecars and probes', () => {
    const paths = gateway.gateway.routes
      .filter(({ path }) => /^\/(tools|jobs|progress|health|ready|metrics)\b/.test(path))
      .map(({ method, path }) => `${method} ${path}`)
    expect(paths.length).toBeGreaterThan(10)
    for (const path of paths) expect(Object.keys(OPERATIONS)).toContain(path)
  })

  it('says what is answered', async () => {
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    ajv.addSchema({ $id: 'document', components: document.components })
    const check = async (method: string, path: string, body?: object) => {
      const response = await fetch(gateway.url + path.replace('{id}', jobId), {
        method,
        ...(body && { body: JSON.stringify(body) }),
      })
      const answer: unknown = await response.json()
      const operation = document.paths[path.split('?')[0] ?? '']?.[method.toLowerCase()]
      const schema = operation?.responses[response.status]?.content['application/json'] as {
        schema: object
      }
      const text = JSON.stringify(schema.schema).replaceAll('"#/', '"document#/')
      const validate = ajv.compile(JSON.parse(text) as object)
      expect(validate(answer), `${method} ${path}: ${ajv.errorsText(validate.errors)}`).toBe(true)
      return { status: response.status, answer: answer as Record<string, unknown> }
    }
    let jobId = ''
    const started = await check('POST', '/tools/call', { name: 'triage' })
    expect(started.status).toBe(202)
    jobId = String(started.answer['job_id'])
    const report = { step: 'extract', step_index: 0, total_steps: 1, status: 'processing' }
    const error = { type: 'processing_error', message: 'no ink', step: 'extract', attempts: 1 }
    const calls: [number, string, string, object?][] = [
      [400, 'POST', '/tools/call', {}],
      [404, 'POST', '/tools/call', { name: 'none' }],
      [200, 'GET', '/tools'],
      [200, 'POST', '/progress', { updates: [{ job_id: jobId, ...report }] }],
      [200, 'POST', '/jobs/{id}/progress', report],
      [200, 'POST', '/jobs/{id}/heartbeat', {}],
      [200, 'GET', '/jobs/{id}/active'],
      [200, 'POST', '/jobs/{id}/final', { status: 'failed', error }],
      [410, 'POST', '/jobs/{id}/final', { status: 'failed', error }],
      [410, 'GET', '/jobs/{id}/active'],
      [200, 'GET', '/jobs/{id}'],
      [409, 'DELETE', '/jobs/{id}'],
      [202, 'POST', '/jobs/{id}/replay'],
      [200, 'GET', '/jobs?limit=1'],
      [400, 'GET', '/jobs?limit=x'],
      [200, 'GET', '/health'],
      [200, 'GET', '/ready'],
    ]
    for (const [status, method, path, body] of calls)
      expect({ path, status: (await check(method, path, body)).status }).toEqual({ path, status })
  })
})
