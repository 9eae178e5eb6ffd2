import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { findMistakes } from './find-mistakes.ts'

/** A document without a mistake, in the parts that matter here. */
const SOUND = `
channels:
  a:
    address: a
    messages: { In: { $ref: '#/components/messages/In' } }
    bindings: { amqp: { is: queue, queue: { name: a } } }
operations:
  a.receive:
    action: receive
    channel: { $ref: '#/channels/a' }
    messages: [{ $ref: '#/channels/a/messages/In' }]
components:
  messages:
    In:
      payload: { $ref: '#/components/schemas/Page' }
      examples: [{ name: one, payload: { url: 'https://a.example', x-odd name: 1 } }]
  schemas:
    Page:
      $id: Page
      title: Page
      type: object
      required: [url]
      properties:
        url: { type: string, format: uri, examples: ['https://b.example'] }
        nullable: { type: boolean, default: false }
        'x-odd name': { type: integer }
        children: { type: array, items: { $ref: '#/components/schemas/Page' } }
`

/** What is found when a piece of the sound document is replaced. */
function findAfter(piece: string, replacement: string): readonly string[] {
  expect(SOUND).toContain(piece)
  return findMistakes(parse(SOUND.replace(piece, replacement)) as object)
}

const REPLY = (reply: string): string => `action: receive\n    reply: ${reply}`

describe('findMistakes', () => {
  it('finds none in a sound document', () => {
    expect(findMistakes(parse(SOUND) as object)).toEqual([])
  })

  it.each([
    [
      'an example',
      "payload: { url: 'https://a.example'",
      "payload: { url: 'no uri'",
      /payload: .*#\/url: String does not match format "uri"/,
    ],
    [
      'an example of a member',
      "examples: ['https://b.example']",
      'examples: [7]',
      /url\/examples\/0: 7 is refused by its schema/,
    ],
    [
      'a default',
      'default: false',
      "default: 'false'",
      /nullable\/default: "false" is refused by its schema/,
    ],
    [
      'parameters that are not declared',
      'address: a',
      "address: 'a.{b}'",
      /parameters \[b\], declared are \[\]/,
    ],
    [
      'parameters that are nowhere',
      'address: a',
      'address: a\n    parameters: { b: {} }',
      /parameters \[\], declared are \[b\]/,
    ],
    ['a long address', 'address: a', `address: ${'ä'.repeat(128)}`, /more than 255 bytes/],
    [
      'a key',
      'schemas:\n',
      'schemas:\n    "Foo<Bar>": { $id: F, title: F }\n',
      /"Foo<Bar>" has other characters/,
    ],
    ['an extension', 'address: a', 'address: a\n    x-a:b: 1', /"x-a:b" has other characters/],
    [
      'an unused component',
      'schemas:\n',
      'schemas:\n    Other: { $id: Other, title: Other }\n',
      /schemas\/Other: nothing refers to it/,
    ],
    [
      'an address that two have',
      'channels:\n',
      'channels:\n  b: { address: a, messages: {} }\n',
      /address of the channel b, a/,
    ],
    [
      'a reference into nothing',
      "'#/components/schemas/Page' }\n      ex",
      "'#/components/schemas/Pages' }\n      ex",
      /there is no #\/components\/schemas\/Pages/,
    ],
    [
      'a keyword of 2020-12',
      'type: object',
      'type: object\n      unevaluatedProperties: false',
      /unevaluatedProperties means nothing/,
    ],
    ['nullable', 'type: integer', 'type: integer, nullable: true', /nullable means nothing/],
    ['a schema without a name', 'title: Page', '', /without \$id and title/],
    [
      'a format of schemas',
      'In:\n',
      'In:\n      schemaFormat: application/schema+json\n',
      /with schemaFormat readers lose/,
    ],
    ['a binding that does not say what it is', 'is: queue, ', '', /`is` is missing/],
    [
      'a message of another channel',
      '#/channels/a/messages/In',
      '#/components/messages/In',
      /is none of #\/channels\/a/,
    ],
    [
      'a reply to elsewhere',
      'action: receive',
      REPLY(
        "{ channel: { $ref: '#/channels/a' }, messages: [{ $ref: '#/components/messages/In' }] }",
      ),
      /reply: the message .* is none of/,
    ],
    [
      'a reply with two addresses',
      'action: receive',
      REPLY(
        "{ channel: { $ref: '#/channels/a' }, address: { location: '$message.header#/replyTo' } }",
      ),
      /address of its channel must be null/,
    ],
    [
      'a reply to an odd place',
      'action: receive',
      REPLY("{ address: { location: 'header.replyTo' } }"),
      /the location header.replyTo is none/,
    ],
  ])('finds %s', (_, piece, replacement, mistake) => {
    expect(findAfter(piece, replacement).join('\n')).toMatch(mistake)
  })
})
