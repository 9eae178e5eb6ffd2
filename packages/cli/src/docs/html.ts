/** A text in HTML, between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign)
}

/** A doc comment: paragraphs, `code` and **strong**; anything else is text, whatever it looks like. */
export function formatProse(text: string | undefined): string {
  if (text === undefined) return ''
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => `<p>${formatInline(paragraph)}</p>`)
    .join('\n')
}

export function formatInline(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
}

/** Data in a script element: nothing in it may end the element. */
export function toScriptData(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
