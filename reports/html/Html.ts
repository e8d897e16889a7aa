/**
 * Markup that is safe by construction: the `html` tag escapes every value, so nothing from a run
 * record becomes markup unless somebody calls {@link trusted} on it.
 */
export type Html = { readonly markup: string }

/** What may stand in a template: text is escaped, markup stays, lists are joined. */
export type Value = Html | string | number | undefined | readonly Value[]

/**
 * Builds markup from a template.
 *
 * @example html`<p>${question}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const parts = strings.map((text, index) => text + write(values[index]))
  return { markup: parts.join('') }
}

/** Takes a text as markup as it is: for our own SVG and CSS only. */
export function trusted(markup: string): Html {
  return { markup }
}

/** Makes a text harmless between tags and in quoted attributes. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function write(value: Value): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return escape(value)
  if (typeof value === 'number') return String(value)
  return 'markup' in value ? value.markup : value.map(write).join('')
}
