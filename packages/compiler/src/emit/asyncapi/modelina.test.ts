import { PythonGenerator, TypeScriptGenerator } from '@asyncapi/modelina'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { triage } from '../testing/models.ts'
import { emitAsyncApi } from './emit-asyncapi.ts'

/** The names that other people's generators make of our documents. */

const GENERATE_TIMEOUT_MS = 60_000

let document: Record<string, unknown>
beforeAll(() => {
  const files = emitAsyncApi(triage)
  const file = files.find(({ path }) => path === 'asyncapi/pipelines/triage.yaml')
  document = parse(file?.content ?? '') as Record<string, unknown>
})

describe('Of the document of a pipeline, Modelina', () => {
  it.each([
    ['TypeScript', new TypeScriptGenerator({ modelType: 'interface' })],
    ['Python', new PythonGenerator()],
  ])(
    'makes models in %s with the names of the author, none of them made up',
    async (_, generator) => {
      const models = await generator.generate(document)
      expect(models.map(({ modelName }) => modelName).sort()).toEqual([
        'ClassifyInputMessage',
        'DocTree',
        'ExtractTextInputMessage',
        'Ham',
        'HamKind',
        'HamTopic',
        'MessageRoute',
        'OcrInputMessage',
        'Spam',
        'SpamKind',
        'TriageResultMessage',
        'Upload',
        'UploadMeta',
        'UploadMetaMode',
      ])
      const result = models.find(({ modelName }) => modelName === 'TriageResultMessage')?.result
      expect(result).toMatch(/Ham ?\| ?Spam|Union\[Ham, ?Spam\]/)
    },
    GENERATE_TIMEOUT_MS,
  )
})
