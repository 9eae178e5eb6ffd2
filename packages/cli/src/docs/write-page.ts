import { count } from '../view/model-text.ts'
import type { DataRecord } from './data-record.ts'
import type { ActorDocs, DocsModel, PipelineDocs } from './docs-model.ts'
import { escapeHtml, formatProse, toScriptData } from './html.ts'
import { PAGE_STYLE } from './page-style.ts'
import { drawPipeline } from './pipeline-picture.ts'
import { formatMembers, formatType } from './type-table.ts'

/** What shows a whole document, as the AsyncAPI React component does: script and style as texts. */
export interface DocumentViewer {
  readonly script: string
  readonly style: string
}

/**
 * The project as one HTML page, which needs no server and no network. What it says of actors,
 * pipelines and types stands in the page itself; a whole document is shown by the viewer, on demand:
 * the pages of 200 of them at once would be 20 MB.
 */
export function writePage(model: DocsModel, viewer: DocumentViewer): string {
  const { project, version, pipelines, actors, types } = model
  const documents = Object.fromEntries(
    [...pipelines, ...actors].map(({ link, document }) => [link, document]),
  )
  const counts = `${count(pipelines.length, 'pipeline')}, ${count(actors.length, 'actor')}`
  return `<!doctype html>
<!-- Made by \`asya docs\`. -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(project)}</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
<style>${viewer.style}</style>
</head>
<body>
<nav aria-label="Contents">
<a href="#top"><strong>${escapeHtml(project)}</strong></a>
${listLinks(
  'Pipelines',
  'pipeline',
  pipelines.map(({ name }) => name),
)}
${listLinks(
  'Actors',
  'actor',
  actors.map(({ name }) => name),
)}
${listLinks('Types', 'type', sortNames(types))}
</nav>
<main id="top">
<h1>${escapeHtml(project)}</h1>
<p class="soft">Version ${escapeHtml(version)}: ${counts}</p>
${writeSection(
  'Pipelines',
  pipelines.map((pipeline) => writePipeline(pipeline, actors)),
)}
${writeSection(
  'Actors',
  actors.map((actor) => writeActor(actor, pipelines)),
)}
${writeSection(
  'Types',
  sortNames(types).map((name) => writeType(name, types.get(name) ?? {})),
)}
</main>
<script type="application/json" id="documents">${toScriptData(documents)}</script>
<script>${viewer.script.replaceAll('</script', '<\\/script')}</script>
<script>${OPEN_DOCUMENT}</script>
</body>
</html>
`
}

/** Shows a document when it is opened for the first time. */
const OPEN_DOCUMENT = `
const documents = JSON.parse(document.getElementById('documents').textContent)
const config = { show: { sidebar: false, errors: true }, expand: { messageExamples: false } }
for (const details of document.querySelectorAll('details[data-document]')) {
  details.addEventListener('toggle', () => {
    const place = details.querySelector('.document')
    if (!details.open || place.childElementCount > 0) return
    const schema = JSON.stringify(documents[details.dataset.document])
    AsyncApiStandalone.render({ schema, config }, place)
  })
}
`

function sortNames(types: DocsModel['types']): string[] {
  return [...types.keys()].sort()
}

function listLinks(title: string, kind: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const items = names.map((name) => {
    const text = escapeHtml(name)
    return `<li><a href="#${kind}-${text}">${text}</a></li>`
  })
  return `<h2>${title}</h2>\n<ul>${items.join('')}</ul>`
}

function writeSection(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<h2>${title}</h2>\n${parts.join('\n')}`
}

function writePipeline(pipeline: PipelineDocs, actors: readonly ActorDocs[]): string {
  const { name, timeoutMs, results, input, result } = pipeline
  const isOnPage = (actor: string): boolean => actors.some((one) => one.name === actor)
  const facts: Fact[] = [
    ['starts at', `<code>${escapeHtml(pipeline.steps[0]?.name ?? '')}</code>`],
    ['results', RESULTS[results] ?? escapeHtml(results)],
    ...(timeoutMs === undefined ? [] : [['timeout', formatSeconds(timeoutMs)] as const]),
    ...linkDocument(pipeline),
  ]
  return `<section id="pipeline-${escapeHtml(name)}">
<h3>${escapeHtml(name)}</h3>
${writeAbout(pipeline)}
<div class="scroll" tabindex="0" role="group" aria-label="Steps of ${escapeHtml(name)}">${drawPipeline(pipeline, isOnPage)}</div>
${writeFacts(facts)}
${writePayload('Input', input)}
${writePayload('Result', result)}
${writeDocument(pipeline)}
</section>`
}

function writeActor(actor: ActorDocs, pipelines: readonly PipelineDocs[]): string {
  const { name, queue, kind, cardinality, input, output } = actor
  const users = pipelines.filter(({ steps }) => steps.some((step) => step.name === name))
  const links = users.map(
    (user) => `<a href="#pipeline-${escapeHtml(user.name)}">${escapeHtml(user.name)}</a>`,
  )
  const facts: Fact[] = [
    ['queue', `<code>${escapeHtml(queue)}</code>`],
    ...(kind === 'node' ? [] : [['kind', escapeHtml(kind)] as const]),
    ['returns', RESULTS[cardinality] ?? escapeHtml(cardinality)],
    ...(links.length === 0 ? [] : [['used by', links.join(', ')] as const]),
    ...linkDocument(actor),
  ]
  return `<section id="actor-${escapeHtml(name)}">
<h3>${escapeHtml(name)}</h3>
${writeAbout(actor)}
${writeFacts(facts)}
${writePayload('Input', input)}
${writePayload('Output', output)}
${writeDocument(actor)}
</section>`
}

const RESULTS: Readonly<Record<string, string>> = {
  one: 'one',
  optional: 'one or none',
  many: 'any number',
  none: 'nothing',
}

type Fact = readonly [string, string]

function writeFacts(facts: readonly Fact[]): string {
  return `<ul class="facts">${facts.map(([name, value]) => `<li><b>${name}</b>${value}</li>`).join('')}</ul>`
}

/** The description; that it is deprecated is part of it. */
function writeAbout({ description }: PipelineDocs | ActorDocs): string {
  return formatProse(description)
}

function formatSeconds(ms: number): string {
  const seconds = ms / 1_000
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

/** A type without a name is shown with its members, one with a name leads to it. */
function writePayload(title: string, schema: DataRecord | undefined): string {
  if (schema === undefined) return ''
  return `<h4>${title}: <code>${formatType(schema)}</code></h4>\n${formatMembers(schema)}`
}

function writeType(name: string, schema: DataRecord): string {
  const description = typeof schema['description'] === 'string' ? schema['description'] : undefined
  const members = formatMembers(schema)
  const whole = members === '' ? `<p><code>${formatType(schema)}</code></p>` : members
  return `<section id="type-${escapeHtml(name)}">
<h3><code>${escapeHtml(name)}</code></h3>
${formatProse(description)}
${whole}
</section>`
}

/** What is not there is not named either. */
function linkDocument({ link, isWritten }: PipelineDocs | ActorDocs): readonly Fact[] {
  const text = escapeHtml(link)
  return isWritten ? [['document', `<a href="${text}"><code>${text}</code></a>`]] : []
}

function writeDocument({ link }: PipelineDocs | ActorDocs): string {
  return `<details data-document="${escapeHtml(link)}">
<summary>The whole AsyncAPI document</summary>
<div class="document"></div>
</details>`
}
