import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

/** What StrykerJS writes about every mutant, in the form of its mutation testing report. */
export type Report = Static<typeof Schema>

export const Schema = Type.Object({
  files: Type.Record(
    Type.String(),
    Type.Object({
      source: Type.String(),
      mutants: Type.Array(
        Type.Object({
          mutatorName: Type.String(),
          replacement: Type.Optional(Type.String()),
          status: Type.String(),
          location: Type.Object({ start: Type.Object({ line: Type.Integer() }) }),
        }),
      ),
    }),
  ),
})

export type Score = { room: string; killed: number; survived: number }

type Room = {
  /** A file, or a folder with its slash. */
  path: string
  /** Whether each of its survivors is a line of its own; else one stands for its file and kind. */
  isListedWhole: boolean
}

/** What judges; see `mutate` in `stryker.config.json`. */
const ROOMS: readonly Room[] = [
  { path: 'metrics/verdict/', isListedWhole: true },
  { path: 'metrics/books/', isListedWhole: true },
  { path: 'metrics/contracts/', isListedWhole: false },
  { path: 'metrics/audit/', isListedWhole: false },
  { path: 'metrics/witness/', isListedWhole: false },
  { path: 'scenarios/schedule/', isListedWhole: false },
  { path: 'scenarios/load/', isListedWhole: false },
  { path: 'chain/api/Admission.ts', isListedWhole: true },
  { path: 'chain/api/GroupCommit.ts', isListedWhole: true },
  { path: 'scripts/exitCodeOf.ts', isListedWhole: true },
]

/** Of all mutants that were tried, those that a test found; one that no test reaches has survived. */
const KILLED = ['Killed', 'Timeout']
const SURVIVED = ['Survived', 'NoCoverage']

/** @throws {TypeError} where it is no report. */
export function read(text: string): Report {
  const value: unknown = JSON.parse(text)
  if (!Value.Check(Schema, value)) throw new TypeError('This is no report of StrykerJS.')
  return value
}

/** The score of each room of which the report says something. */
export function scores(report: Report): Score[] {
  return ROOMS.flatMap(({ path }) => {
    const mutants = filesOf(report, path).flatMap(([, file]) => file.mutants)
    const count = (statuses: readonly string[]): number =>
      mutants.filter(({ status }) => statuses.includes(status)).length
    if (mutants.length === 0) return []
    return [{ room: path, killed: count(KILLED), survived: count(SURVIVED) }]
  })
}

/** The share of a room's mutants that was found, 0 to 1; of none all were. */
export function shareOf({ killed, survived }: Score): number {
  return killed + survived === 0 ? 1 : killed / (killed + survived)
}

/** The survivors as Markdown. */
export function survivors(report: Report): string {
  const sections = ROOMS.map(({ path, isListedWhole }) => {
    const lines = filesOf(report, path).flatMap((file) =>
      isListedWhole ? each(file) : byKind(file),
    )
    return `## ${path}\n\n${lines.length === 0 ? 'None.\n' : lines.map((line) => `- ${line}\n`).join('')}`
  })
  return ['# Mutants that no test finds\n\nWritten by `npm run mutants`.\n', ...sections].join('\n')
}

type File = [path: string, file: Report['files'][string]]

function filesOf(report: Report, room: string): File[] {
  const files = Object.entries(report.files).filter(([path]) => path.startsWith(room))
  return files.toSorted(([left], [right]) => (left < right ? -1 : 1))
}

function each([path, { source, mutants }]: File): string[] {
  const lines = source.split('\n')
  return mutants.filter(hasSurvived).map(({ location, mutatorName, replacement = '' }) => {
    const { line } = location.start
    const original = lines[line - 1]?.trim() ?? ''
    return `${path}:${line} ${mutatorName}: \`${original}\` → \`${short(replacement)}\``
  })
}

function byKind([path, { mutants }]: File): string[] {
  const kinds = Map.groupBy(mutants.filter(hasSurvived), ({ mutatorName }) => mutatorName)
  return [...kinds].map(([kind, ofKind]) => `${path} ${kind}: ${ofKind.length}`).toSorted()
}

function hasSurvived({ status }: { status: string }): boolean {
  return SURVIVED.includes(status)
}

const SHORT = 80

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length <= SHORT ? line : `${line.slice(0, SHORT)}…`
}
