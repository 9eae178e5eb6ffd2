import type { ActorModel, Model } from '../../model/model.ts'
import type { OutputFile } from '../../model/output-file.ts'
import { writeHeader } from '../header.ts'
import { nameImage } from './image-name.ts'

/** Holds Node and the runtime; `deploy/images/runtime-node.Dockerfile` makes it. */
export const RUNTIME_IMAGE = 'asya-runtime-node:0.1.0'

/** Where npm installs what a bundle leaves to be installed: the same system as the runtime's. */
const NODE_IMAGE = 'node:24-bookworm-slim'

/** Of nobody in particular, and not root: Kubernetes can tell by the number. */
const USER_ID = 65_532

/** Holds Python; the operator brings the runtime and starts it. */
const PYTHON_IMAGE = 'python:3.13-slim-bookworm'

/** A Dockerfile for each actor that is this project's to run. */
export function emitDockerfiles({ actors, project }: Model): readonly OutputFile[] {
  return actors.flatMap((actor): OutputFile[] => {
    const path = `bundles/${actor.name}/Dockerfile`
    const image = nameImage(actor, project)
    switch (actor.kind) {
      case 'node':
        return [{ path, content: writeDockerfile(actor, image) }]
      case 'python':
        return [
          { path, content: writePythonDockerfile(actor, image) },
          { path: `${path}.dockerignore`, content: writeDockerignore(actor) },
        ]
      case 'remote':
        return []
    }
  })
}

/** Its context is the folder of the build, where the guards are too. */
function writeDockerfile({ name, exportName, declared }: ActorModel, image: string): string {
  const bundle = `bundles/${name}`
  return `# ${writeHeader([declared.file])}
# In the folder of the build: docker build --file ${bundle}/Dockerfile --tag ${image} .
# The base holds Node and the runtime; Asya's deploy/images/runtime-node.Dockerfile makes it.
ARG RUNTIME_IMAGE=${RUNTIME_IMAGE}

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY ${bundle}/package.json ./
# Without packages npm makes no folder, and there would be nothing to copy.
RUN npm install --omit=dev --no-audit --no-fund && mkdir -p node_modules

FROM \${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY ${bundle}/package.json ${bundle}/handler.mjs ${bundle}/handler.mjs.map ./
COPY guards/${name}.mjs ./guard.mjs
ENV ASYA_HANDLER="/app/handler.mjs#${exportName.replaceAll('$', String.raw`\$`)}" \\
    ASYA_GUARD="/app/guard.mjs"
USER ${USER_ID}:${USER_ID}
`
}

/** Its context is the project's folder: Python's modules are not bundled. */
function writePythonDockerfile({ name, declared, python = '' }: ActorModel, image: string): string {
  return `# ${writeHeader([declared.file])}
# In the folder of the project, with this file in the folder of the build:
# docker build --file dist/bundles/${name}/Dockerfile --tag ${image} .
# The operator adds the runtime, and starts it for the handler ${python}.
ARG PYTHON_IMAGE=${PYTHON_IMAGE}
FROM \${PYTHON_IMAGE}
WORKDIR /app
COPY . .
RUN if [ -f requirements.txt ]; then pip install --no-cache-dir --requirement requirements.txt; fi
ENV PYTHONPATH=/app
USER ${USER_ID}:${USER_ID}
`
}

/** What is no part of a handler in Python. BuildKit looks for it beside the Dockerfile. */
function writeDockerignore({ declared }: ActorModel): string {
  const ignored = ['.*', 'node_modules', 'dist', 'venv', '**/__pycache__', '**/*.ts']
  return [`# ${writeHeader([declared.file])}`, ...ignored, ''].join('\n')
}
