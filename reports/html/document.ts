import { readFileSync } from 'node:fs'

import { html, trusted, type Html } from './Html.ts'

/** The page may show itself and nothing else: no script, no request, wherever the file is put. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/** What all pages share, and what each adds to it. */
export type Document = {
  title: string
  /** Files of further style, beside that of all pages. */
  styles?: readonly URL[] | undefined
  head: Html
  main: Html
  footer: Html
}

const STYLE = new URL('page.css', import.meta.url)

/** A whole page as one self-contained file. */
export function document({ title, styles = [], head, main, footer }: Document): string {
  const style = [STYLE, ...styles].map((file) => readFileSync(file, 'utf8')).join('')
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        ${head}
        <main>${main}</main>
        <footer>${footer}</footer>
      </body>
    </html> `.markup
}
