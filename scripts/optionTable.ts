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

/** A row for each option, with all commands that take it so. */
function table(all: Readonly<Record<string, Command>>): string {
  const rows = new Map<string, string[]>()
  for (const [name, { options }] of Object.entries(all)) {
    for (const option of Object.values(options)) {
      const words = [option.flag, option.placeholder && `<${option.placeholder}>`].join(' ').trim()
      const row = `| \`${words}\` | ${describe(option)} |`
      rows.set(row, [...(rows.get(row) ?? []), `\`${name}\``])
    }
  }
  const lines = [...rows].map(([row, names]) => `${row} ${names.join(', ')} |\n`)
  return `| option | what it says | commands |\n| --- | --- | --- |\n${lines.join('')}`
}

if (import.meta.main) writeFileSync(README, inserted(readFileSync(README, 'utf8')))
