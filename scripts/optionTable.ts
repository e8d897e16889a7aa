import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { commands, type Command } from './options/commands.ts'
import { describe } from './options/Option.ts'

/** `npm run options`: writes the table of all options into `README.md`; a test holds it against them. */

const README = join(import.meta.dirname, '../README.md')

const BEGIN = '<!-- options: made by `npm run options` -->\n\n'
const END = '\n<!-- end of options -->'

/** The document with the table between its marks. */
export function inserted(document: string): string {
  const begin = document.indexOf(BEGIN) + BEGIN.length
  const end = document.indexOf(END)
  return `${document.slice(0, begin)}${table(commands)}${document.slice(end)}`
}

/** A row for each option with all commands that take it so; what one flag is elsewhere comes next to it. */
function table(all: Readonly<Record<string, Command>>): string {
  const rowsOf = new Map<string, Map<string, string[]>>()
  for (const [name, { options }] of Object.entries(all)) {
    for (const option of Object.values(options)) {
      const { flag, placeholder } = option
      const words = placeholder === '' ? flag : `${flag} <${placeholder}>`
      const row = `| \`${words}\` | ${describe(option)} |`
      const rows = rowsOf.get(flag) ?? new Map<string, string[]>()
      rowsOf.set(flag, rows.set(row, [...(rows.get(row) ?? []), `\`${name}\``]))
    }
  }
  const lines = [...rowsOf.values()]
    .flatMap((rows) => [...rows])
    .map(([row, names]) => `${row} ${names.join(', ')} |\n`)
  return `| option | what it says | commands |\n| --- | --- | --- |\n${lines.join('')}`
}

if (import.meta.main) writeFileSync(README, inserted(readFileSync(README, 'utf8')))
