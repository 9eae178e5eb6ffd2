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

/** A Dockerfile beside the bundle of each actor that is written in TypeScript. */
export function emitDockerfiles({ actors, project }: Model): readonly OutputFile[] {
  return actors
    .filter(({ kind }) => kind === 'node')
    .map((actor) => ({
      path: `bundles/${actor.name}/Dockerfile`,
      content: writeDockerfile(actor, nameImage(actor, project)),
    }))
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
