import { useState } from 'preact/hooks'

const KEY = 'asya-theme'

const THEMES = ['auto', 'light', 'dark'] as const

type Theme = (typeof THEMES)[number]

function readTheme(): Theme {
  const kept = localStorage.getItem(KEY)
  return THEMES.find((theme) => theme === kept) ?? 'auto'
}

function apply(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme
}

apply(readTheme())

const SIGNS: Readonly<Record<Theme, string>> = { auto: '◐', light: '○', dark: '●' }

const WORDS: Readonly<Record<Theme, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' }

/** Light, dark, or as the system has it. */
export function ThemeButton() {
  const [theme, setTheme] = useState(readTheme)
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  const change = (): void => {
    localStorage.setItem(KEY, next)
    apply(next)
    setTheme(next)
  }
  return (
    <button
      class="quiet theme"
      type="button"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      onClick={change}
    >
      <span aria-hidden="true">{SIGNS[theme]}</span>
      <span class="word" aria-hidden="true">
        {WORDS[theme]}
      </span>
    </button>
  )
}
