import {
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LocalTool } from '../local-tool.ts'
import { makeTool } from '../../testing/test-gateway.ts'

/** What the official conformance suite expects of a server beside what this gateway has. */

export const IMAGE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=='
const AUDIO = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='

type Content = CallToolResult['content'][number]

const text = (words: string): Content => ({ type: 'text', text: words })
const image: Content = { type: 'image', data: IMAGE, mimeType: 'image/png' }
const resource = (uri: string, mimeType: string, words: string): Content => ({
  type: 'resource',
  resource: { uri, mimeType, text: words },
})

const states = createRequestStateCodec<{ round: number }>({
  key: crypto.getRandomValues(new Uint8Array(32)),
})

function tool(name: string, call: LocalTool['call']): LocalTool {
  const description = `Is called by the scenario of ${name}.`
  return { definition: { name, description, inputSchema: { type: 'object' } }, call }
}

const answers = (name: string, ...content: Content[]): LocalTool =>
  tool(name, async () => ({ content }))

const CONTENT_TOOLS: readonly LocalTool[] = [
  tool('greet', async ({ name }) => ({ content: [text(`Hello, ${String(name)}!`)] })),
  answers('test_simple_text', text('This is a simple text response for testing.')),
  answers('test_image_content', image),
  answers('test_audio_content', { type: 'audio', data: AUDIO, mimeType: 'audio/wav' }),
  answers(
    'test_embedded_resource',
    resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ),
  answers(
    'test_multiple_content_types',
    text('Multiple content types test:'),
    image,
    resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ),
  tool('test_error_handling', async () => ({
    isError: true,
    content: [text('This tool intentionally returns an error for testing')],
  })),
]

const log = async ({ mcpReq }: ServerContext, data: string): Promise<void> => {
  await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
}

const BEHAVIOUR_TOOLS: readonly LocalTool[] = [
  tool('test_tool_with_logging', async (_, { context }) => {
    await log(context, 'Tool execution started')
    await sleep(50)
    await log(context, 'Tool processing data')
    await sleep(50)
    await log(context, 'Tool execution completed')
    return { content: [text('Logged.')] }
  }),
  answers('test_logging_tool', text('Logged nothing, for nobody asked.')),
  tool('test_missing_capability', async () => {
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } })
  }),
  {
    definition: {
      name: 'json_schema_2020_12_tool',
      description: 'Keeps the words of its schema.',
      inputSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: {
          address: {
            $anchor: 'addressDef',
            type: 'object',
            properties: { street: { type: 'string' }, city: { type: 'string' } },
          },
        },
        properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
        allOf: [{ anyOf: [{ required: ['name'] }, { required: ['address'] }] }],
        if: { properties: { name: { const: 'x' } } },
        then: { required: ['name'] },
        else: { required: ['address'] },
        additionalProperties: false,
      },
    },
    call: async () => ({ content: [text('Called.')] }),
  },
]

const form = (message: string, name: string, type = 'string') =>
  inputRequired.elicit({
    message,
    requestedSchema: {
      type: 'object',
      properties: { [name]: { type } as never },
      required: [name],
    },
  })

const sample = (words: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens,
  })

function readAnswer({ mcpReq }: ServerContext, key: string): string | undefined {
  const view = inputResponse(mcpReq.inputResponses, key)
  return view.kind === 'missing' ? undefined : JSON.stringify(view)
}

const hello = tool('test_input_required_result_elicitation', async (_, { context }) => {
  const view = inputResponse(context.mcpReq.inputResponses, 'user_name')
  const name = view.kind === 'elicit' ? view.content?.['name'] : undefined
  return typeof name === 'string'
    ? { content: [text(`Hello, ${name}!`)] }
    : inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } })
})

async function readRound({ mcpReq }: ServerContext, context: ServerContext): Promise<number> {
  const state = mcpReq.requestState()
  if (typeof state !== 'string') return 0
  try {
    return (await states.verify(state, context)).round
  } catch {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'The request state is not ours')
  }
}

const INPUT_TOOLS: readonly LocalTool[] = [
  hello,
  tool('test_streaming_elicitation', hello.call),
  tool('test_input_required_result_sampling', async (_, { context }) => {
    const answer = readAnswer(context, 'capital_question')
    if (answer !== undefined) return { content: [text(answer)] }
    const question = sample('What is the capital of France?', 100)
    return inputRequired({ inputRequests: { capital_question: question } })
  }),
  tool('test_input_required_result_list_roots', async (_, { context }) => {
    const answer = readAnswer(context, 'client_roots')
    if (answer !== undefined) return { content: [text(answer)] }
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  }),
  tool('test_input_required_result_request_state', async (_, { context }) => {
    if ((await readRound(context, context)) === 1) return { content: [text('state-ok')] }
    return inputRequired({
      inputRequests: { confirm: form('Please confirm', 'ok', 'boolean') },
      requestState: await states.mint({ round: 1 }, context),
    })
  }),
  tool('test_input_required_result_tampered_state', async (_, { context }) => {
    if ((await readRound(context, context)) === 1) return { content: [text('state-ok')] }
    return inputRequired({
      inputRequests: { confirm: form('Please confirm', 'ok', 'boolean') },
      requestState: await states.mint({ round: 1 }, context),
    })
  }),
  tool('test_input_required_result_multiple_inputs', async (_, { context }) => {
    if ((await readRound(context, context)) === 1) return { content: [text('All is answered.')] }
    return inputRequired({
      inputRequests: {
        user_name: form('What is your name?', 'name'),
        greeting: sample('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await states.mint({ round: 1 }, context),
    })
  }),
  tool('test_input_required_result_multi_round', async (_, { context }) => {
    const round = await readRound(context, context)
    if (round === 2) return { content: [text('Both steps are answered.')] }
    const question =
      round === 0
        ? { step1: form('Step 1: What is your name?', 'name') }
        : { step2: form('Step 2: What is your favorite color?', 'color') }
    const requestState = await states.mint({ round: round + 1 }, context)
    return inputRequired({ inputRequests: question, requestState })
  }),
  tool('test_input_required_result_capabilities', async () =>
    inputRequired({ inputRequests: { question: sample('What is the capital of France?', 50) } }),
  ),
]

/** Asks first, and becomes a job then. */
const askThenRun = tool('test_tool_with_task', async (_, asker, calls) => {
  const view = inputResponse(asker.context.mcpReq.inputResponses, 'user_name')
  if (view.kind !== 'elicit')
    return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } })
  const payload = Buffer.from(JSON.stringify({ name: view.content?.['name'] }))
  const greet = makeTool('greet-later', ['greet'], {
    toPayload: () => ({ ok: true, payload: payload as never }),
  })
  return calls.call(greet, asker)
})

export const FIXTURE_TOOLS: readonly LocalTool[] = [
  ...CONTENT_TOOLS,
  ...BEHAVIOUR_TOOLS,
  ...INPUT_TOOLS,
  askThenRun,
]
