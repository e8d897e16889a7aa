import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { ClassDeclaration, ClassExpression, Node } from 'typescript/unstable/ast'
import * as is from 'typescript/unstable/ast/is'
import { createVirtualFileSystem } from 'typescript/unstable/fs'
import { API } from 'typescript/unstable/sync'

/** `npm run errors`: writes the table of all errors into `ERRORS.md`; a test holds the file against it. */

const ROOT = join(import.meta.dirname, '..')

/** An error class as its source says it; what the source does not say is empty. */
export type Row = {
  code: string
  className: string
  file: string
  exitCode: string
  /** The comment above the class. */
  when: string
  /** With `…` for what is only known when it is thrown. */
  remedy: string
}

type Found = {
  rows: Row[]
  /** Classes that extend something else, or have no code, as `file: class`. */
  strays: string[]
}

/** The errors of all tracked sources outside of the tests. */
export function readAll(): Found {
  const folders = ['chain', 'metrics', 'scenarios', 'reports', 'scripts']
  const words = ['ls-files', '-z', ...folders.map((folder) => `${folder}/*.ts`)]
  const files = execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).split('\0')
  return readErrors(
    Object.fromEntries(
      files
        .filter((file) => file !== '' && file !== BASE)
        .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
    ),
  )
}

/** The base itself. */
const BASE = 'scenarios/runtime/BallotstormError.ts'

/** The errors of files, given as texts by path. */
export function readErrors(texts: Readonly<Record<string, string>>): Found {
  const project = '/tsconfig.json'
  const files = Object.entries(texts).map(([file, text]) => [`/${file}`, text] as const)
  const config = {
    compilerOptions: { noLib: true, noResolve: true },
    files: files.map(([at]) => at),
  }
  const fs = createVirtualFileSystem({
    ...Object.fromEntries(files),
    [project]: JSON.stringify(config),
  })
  const api = new API({ cwd: '/', fs })
  try {
    const program = api.updateSnapshot({ openProjects: [project] }).getProject(project)?.program
    const found: Found = { rows: [], strays: [] }
    for (const file of Object.keys(texts)) {
      const source = program?.getSourceFile(`/${file}`)
      if (source === undefined) throw new Error(`${file} was not parsed.`)
      collect(file, source, found)
    }
    found.rows.sort((one, other) => (one.code < other.code ? -1 : 1))
    return found
  } finally {
    api.close()
  }
}

/** Every class below a node that extends something: no other classes do. */
function collect(file: string, node: Node, found: Found): void {
  node.forEachChild((child) => {
    collect(file, child, found)
    if (!is.isClassDeclaration(child) && !is.isClassExpression(child)) return
    const base = baseOf(child)
    if (base === undefined) return
    const row = rowOf(file, child)
    if (base === 'BallotstormError' && row.code !== '') found.rows.push(row)
    else found.strays.push(`${file}: ${row.className}`)
  })
}

type Class = ClassDeclaration | ClassExpression

/** What a class extends, as its source says it. */
function baseOf({ heritageClauses }: Class): string | undefined {
  const clause = heritageClauses?.find((one) => one.getText().startsWith('extends'))
  return clause?.types[0]?.expression.getText()
}

function rowOf(file: string, node: Class): Row {
  return {
    code: valueOf(node, 'code'),
    className: node.name?.text ?? 'without a name',
    file,
    exitCode: valueOf(node, 'exitCode'),
    when: commentOf(node),
    remedy: valueOf(node, 'remedy'),
  }
}

/** The text that a field begins with, or is given in the constructor. */
function valueOf(node: Class, field: string): string {
  const property = node.members
    .filter((member) => is.isPropertyDeclaration(member))
    .find((member) => member.name.getText() === field)
  return textOf(property?.initializer ?? assigned(node, `this.${field}`))
}

/** The first value that is assigned to a target below a node. */
function assigned(node: Node, target: string): Node | undefined {
  return node.forEachChild((child) =>
    is.isBinaryExpression(child) && child.left.getText() === target
      ? child.right
      : assigned(child, target),
  )
}

/** A literal's text; empty where it is none. */
function textOf(node: Node | undefined): string {
  if (node === undefined) return ''
  if (is.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…')
  }
  const isLiteral =
    is.isStringLiteral(node) ||
    is.isNumericLiteral(node) ||
    is.isNoSubstitutionTemplateLiteral(node)
  return isLiteral ? node.text : ''
}

/** The doc comment above a class, as one line. */
function commentOf(node: Class): string {
  const comment = node.jsDoc?.at(-1)?.getText() ?? ''
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^\s*\*/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Cells that the sources leave empty, as `code: column`. */
export function holes(rows: readonly Row[]): string[] {
  return rows.flatMap((row) =>
    Object.entries(row)
      .filter(([, value]) => value === '')
      .map(([column]) => `${row.code}: ${column}`),
  )
}

/** The document. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ code, className, file, exitCode, when, remedy }) => {
    const cells = [`\`${code}\``, `\`${className}\` in \`${file}\``, exitCode, when, remedy]
    return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  })
  return [
    '# Errors',
    '',
    'Every error of the project, made by `npm run errors`. What is thrown and stands not here is a bug, told with its stack,',
    'and ends with 1. An exit code of 104 becomes 107 once ballots fly.',
    '',
    '| code | class | exit code | when | remedy |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(ROOT, 'ERRORS.md'), table(readAll().rows))
