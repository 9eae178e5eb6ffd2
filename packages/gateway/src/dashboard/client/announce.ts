import { Store } from './store.ts'

/** What a screen reader is to say next. */
export const announcement = new Store('')

export function announce(text: string): void {
  announcement.set(text)
}
