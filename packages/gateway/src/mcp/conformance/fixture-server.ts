import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { inputRequired, inputResponse } from '@modelcontextprotocol/server'
import type { McpExtension } from '../mcp-endpoint.ts'
import { FIXTURE_TOOLS, IMAGE } from './fixture-tools.ts'

/** Prompts, resources and completions, which the suite asks for and this gateway has none of. */
export const fixtureExtension: McpExtension = {
  tools: FIXTURE_TOOLS,
  prepare(server, era) {
    server.registerCapabilities({
      prompts: {},
      resources: { subscribe: era === 'legacy' },
      completions: {},
      logging: {},
    })
    server.setRequestHandler('prompts/list', () => ({ prompts: PROMPTS }))
    server.setRequestHandler('prompts/get', ({ params: { name, arguments: args = {} } }, ctx) => {
      if (name !== 'test_input_required_result_prompt') return { messages: say(name, args) }
      const answer = inputResponse(ctx.mcpReq.inputResponses, 'user_context')
      if (answer.kind === 'elicit')
        return { messages: [user({ type: 'text', text: 'Thank you.' })] }
      const question = inputRequired.elicit({
        message: 'What context should the prompt use?',
        requestedSchema: {
          type: 'object',
          properties: { context: { type: 'string' } },
          required: ['context'],
        },
      })
      return inputRequired({ inputRequests: { user_context: question } })
    })
    server.setRequestHandler('resources/list', () => ({ resources: RESOURCES }))
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: TEMPLATES }))
    server.setRequestHandler('resources/read', ({ params }) => ({ contents: [read(params.uri)] }))
    server.setRequestHandler('completion/complete', () => ({ completion: { values: ['paris'] } }))
    if (era === 'modern') return
    server.setRequestHandler('resources/subscribe', () => ({}))
    server.setRequestHandler('resources/unsubscribe', () => ({}))
  },
}

const argument = (name: string) => ({ name, description: name, required: true })

const PROMPTS = [
  { name: 'test_simple_prompt', description: 'Says one thing.' },
  {
    name: 'test_prompt_with_arguments',
    description: 'Says its arguments.',
    arguments: [argument('arg1'), argument('arg2')],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'Shows a resource.',
    arguments: [argument('resourceUri')],
  },
  { name: 'test_prompt_with_image', description: 'Shows an image.' },
  { name: 'test_input_required_result_prompt', description: 'Asks first.' },
]

const user = <Content>(content: Content) => ({ role: 'user' as const, content })

const text = (words: string) => ({ type: 'text' as const, text: words })

function say(name: string, args: Readonly<Record<string, string>>) {
  switch (name) {
    case 'test_simple_prompt':
      return [user(text('This is a simple prompt for testing.'))]
    case 'test_prompt_with_arguments': {
      const { arg1 = '', arg2 = '' } = args
      return [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))]
    }
    case 'test_prompt_with_embedded_resource': {
      const { resourceUri: uri = '' } = args
      const words = 'Embedded resource content for testing.'
      const resource = { uri, mimeType: 'text/plain', text: words }
      return [
        user({ type: 'resource' as const, resource }),
        user(text('Please process the embedded resource above.')),
      ]
    }
    case 'test_prompt_with_image':
      return [
        user({ type: 'image' as const, data: IMAGE, mimeType: 'image/png' }),
        user(text('Please analyze the image above.')),
      ]
    default:
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no prompt ${name}`)
  }
}

const resource = (uri: string, mimeType: string) => ({ uri, name: uri, description: uri, mimeType })

const RESOURCES = [
  resource('test://static-text', 'text/plain'),
  resource('test://static-binary', 'image/png'),
  resource('test://watched-resource', 'text/plain'),
]

const TEMPLATES = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    description: 'Data by id',
    mimeType: 'application/json',
  },
]

function read(uri: string) {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1]
  if (id !== undefined) {
    const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })
    return { uri, mimeType: 'application/json', text: data }
  }
  switch (uri) {
    case 'test://static-text':
      return {
        uri,
        mimeType: 'text/plain',
        text: 'This is the content of the static text resource.',
      }
    case 'test://static-binary':
      return { uri, mimeType: 'image/png', blob: IMAGE }
    case 'test://watched-resource':
      return { uri, mimeType: 'text/plain', text: 'Watched.' }
    default:
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Resource not found', { uri })
  }
}
