import { createHash } from 'node:crypto'
import type { Answer } from '../http/answer.ts'
import { CLIENT_SCRIPT } from './generated/client-script.ts'
import { PAGE_STYLE } from './page-style.ts'

/**
 * The page and its parts. None holds anything of a job or a tool: the script asks for those as the
 * principal whose token it has, so that these may be open to everybody.
 */
interface Part {
  readonly path: string
  readonly answer: Answer
}

/** Nothing but what this gateway serves; no text ever becomes markup or script. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#2557c7"/>
<g fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round">
<path d="M8 16h6M18 16h2c3 0 1-6 5-6M18 16h2c3 0 1 6 5 6"/></g>
<circle cx="16" cy="16" r="2.6" fill="#fff"/></svg>
`

const TYPES = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' } as const

const SCRIPT = makeLasting('app', 'js', CLIENT_SCRIPT)
const STYLE = makeLasting('style', 'css', PAGE_STYLE)
const ICON_PART = makeLasting('icon', 'svg', ICON)

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Asya</title>
<link rel="icon" href="${ICON_PART.path}" type="image/svg+xml">
<link rel="stylesheet" href="${STYLE.path}">
<script type="module" src="${SCRIPT.path}"></script>
</head>
<body>
<div id="app"></div>
<noscript><p class="noscript">This page needs JavaScript. Without it: GET /jobs, GET /tools and POST /tools/call.</p></noscript>
</body>
</html>
`

export const PAGE_PARTS: readonly Part[] = [
  {
    path: '/',
    answer: {
      status: 200,
      headers: {
        ...HEADERS,
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      },
      body: PAGE,
    },
  },
  ...[SCRIPT, STYLE, ICON_PART],
]

/** A part whose name changes with what is in it, so that browsers keep it for ever. */
function makeLasting(name: string, type: keyof typeof TYPES, body: string): Part {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12)
  return {
    path: `/dashboard/${name}.${hash}.${type}`,
    answer: {
      status: 200,
      headers: {
        ...HEADERS,
        'content-type': `${TYPES[type]}; charset=utf-8`,
        'cache-control': 'public, max-age=31536000, immutable',
      },
      body,
    },
  }
}
