import { html, type Html, type Value } from '../Html.ts'

/** Who a section is written for; printed small above its title. */
export type Reader =
  | 'For the decision'
  | 'For engineers'
  | 'For security analysts'
  | 'For everybody'

/** The frame of every section: a title that says what it answers, and a place to link to. */
export function section(
  { id, title, reader }: { id: string; title: string; reader: Reader },
  content: Value,
): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <p class="reader">${reader}</p>
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section> `
}
