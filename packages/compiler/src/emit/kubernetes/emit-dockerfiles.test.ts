import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { smallest, triage } from '../testing/models.ts'
import { emitDockerfiles, RUNTIME_IMAGE } from './emit-dockerfiles.ts'

const read = (path: string) =>
  readFileSync(new URL(`../../../../../${path}`, import.meta.url), 'utf8')

test('The image of an actor is the runtime, what its bundle leaves to be installed, and the bundle.', () => {
  const [file] = emitDockerfiles(smallest)
  expect(file?.path).toBe('bundles/shout/Dockerfile')
  expect(file?.content).toMatchInlineSnapshot(`
    "# Made by \`asya build\` from actors/shout.ts. Do not edit: change that, and build again.
    # In the folder of the build: docker build --file bundles/shout/Dockerfile --tag shout:0.1.0 .
    # The base holds Node and the runtime; Asya's deploy/images/runtime-node.Dockerfile makes it.
    ARG RUNTIME_IMAGE=asya-runtime-node:0.1.0

    FROM node:24-bookworm-slim AS packages
    WORKDIR /app
    COPY bundles/shout/package.json ./
    # Without packages npm makes no folder, and there would be nothing to copy.
    RUN npm install --omit=dev --no-audit --no-fund && mkdir -p node_modules

    FROM \${RUNTIME_IMAGE}
    WORKDIR /app
    COPY --from=packages /app/node_modules ./node_modules
    COPY bundles/shout/package.json bundles/shout/handler.mjs bundles/shout/handler.mjs.map ./
    COPY guards/shout.mjs ./guard.mjs
    ENV ASYA_HANDLER="/app/handler.mjs#shout" \\
        ASYA_GUARD="/app/guard.mjs"
    USER 65532:65532
    "
  `)
})

test('Only actors of TypeScript are built, and a name with a dollar stays one.', () => {
  const paths = emitDockerfiles(triage).map(({ path }) => path)
  expect(paths).not.toContain('bundles/ocr/Dockerfile')
  expect(paths).toHaveLength(3)
  const actors = smallest.actors.map((actor) => ({ ...actor, exportName: '$read' }))
  expect(emitDockerfiles({ ...smallest, actors })[0]?.content).toContain(
    String.raw`ASYA_HANDLER="/app/handler.mjs#\$read"`,
  )
})

test('The base is the one that its own Dockerfile makes, of the version that this package has.', () => {
  const { version } = JSON.parse(read('packages/runtime-node/package.json')) as { version: string }
  expect(RUNTIME_IMAGE).toBe(`asya-runtime-node:${version}`)
  const base = read('deploy/images/runtime-node.Dockerfile')
  expect(base).toContain(`--tag ${RUNTIME_IMAGE} `)
  const [file] = emitDockerfiles(smallest)
  const isSame = (pattern: RegExp) => {
    expect(pattern.exec(file?.content ?? '')?.[0]).toBe(pattern.exec(base)?.[0])
  }
  isSame(/^USER .*$/m)
  isSame(/node:24-\S+/)
})
