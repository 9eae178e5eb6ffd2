import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { keepToken, session } from './api.ts'
import { CallPage } from './call-page.tsx'
import { liveness } from './event-stream.ts'
import { JobPage } from './job-page.tsx'
import { JobsPage } from './jobs-page.tsx'
import { announcement } from './announce.ts'
import { PipelinesPage } from './pipelines-page.tsx'
import { place, toHref, type Place } from './router.ts'
import { useStore } from './store.ts'
import { ThemeButton } from './theme-button.tsx'
import { TokenForm } from './token-form.tsx'

/** The frame around every page; the page follows from the address. */
export function App() {
  const here = useStore(place)
  const { token, isRefused } = useStore(session)
  const needsToken = useNeedsToken()
  const [section = 'jobs'] = here.path
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={toHref([])}>
          <Mark /> Asya
        </a>
        <nav aria-label="Main">
          <NavLink to="jobs" section={section}>
            Jobs
          </NavLink>
          <NavLink to="pipelines" section={section === 'call' ? 'pipelines' : section}>
            Pipelines
          </NavLink>
        </nav>
        <Liveness />
        {token !== null && (
          <button class="quiet" type="button" onClick={() => keepToken(null)}>
            Forget token
          </button>
        )}
        <ThemeButton />
      </header>
      <main id="content" tabIndex={-1}>
        {needsToken ? <TokenForm wasRefused={isRefused} /> : <Page here={here} key={token} />}
      </main>
      <Announcer />
    </>
  )
}

/** True from the first refusal for want of a token until one is given. */
function useNeedsToken(): boolean {
  const { token, isAsked } = useStore(session)
  return isAsked && token === null
}

function Page({ here }: { here: Place }) {
  const [section = 'jobs', name] = here.path
  const heading = `${section} ${name ?? ''}`
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    // The first page is where one is anyway.
    if (before.current !== undefined && before.current !== heading) focusHeading()
    before.current = heading
  }, [heading])
  if (section === 'pipelines') return <PipelinesPage />
  if (section === 'call' && name !== undefined)
    return <CallPage name={name} from={here.query.get('from') ?? undefined} key={name} />
  if (section === 'jobs' && name !== undefined) return <JobPage id={name} key={name} />
  if (section === 'jobs') return <JobsPage query={here.query} />
  return (
    <div class="empty">
      <h1 tabIndex={-1}>There is no such page</h1>
      <p>
        <a href={toHref(['jobs'])}>All jobs</a>
      </p>
    </div>
  )
}

/** After a page has changed, for readers who do not see that it has. */
function focusHeading(): void {
  requestAnimationFrame(() => {
    window.scrollTo(0, 0)
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  })
}

function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('content')?.focus()
}

interface NavLinkProps {
  readonly to: string
  readonly section: string
  readonly children: ComponentChildren
}

function NavLink({ to, section, children }: NavLinkProps) {
  return (
    <a href={toHref([to])} aria-current={to === section ? 'page' : undefined}>
      {children}
    </a>
  )
}

const LIVENESS = {
  idle: { text: '', title: '' },
  live: { text: 'Live', title: 'What changes is shown at once' },
  waiting: { text: 'Reconnecting…', title: 'What changes is shown when the gateway answers again' },
} as const

function Liveness() {
  const state = useStore(liveness)
  const { text, title } = LIVENESS[state]
  return (
    <span class={`liveness ${state}`} title={title}>
      {text !== '' && <span class="dot" aria-hidden="true" />}
      {text}
    </span>
  )
}

/** Read out by screen readers when it changes. */
function Announcer() {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {useStore(announcement)}
    </p>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="7" class="mark" />
      <g class="mark-lines">
        <path d="M8 16h6M18 16h2c3 0 1-6 5-6M18 16h2c3 0 1 6 5 6" />
        <circle cx="16" cy="16" r="2.2" />
      </g>
    </svg>
  )
}
