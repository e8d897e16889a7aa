import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

/** What StrykerJS writes about every mutant, in the form of its mutation testing report. */
export type Report = Static<typeof Schema>

const Schema = Type.Object({
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

export type Score = { killed: number; survived: number }

/** Of all mutants that were tried, those that a test found; one that no test reaches has survived. */
const KILLED = ['Killed', 'Timeout']
const SURVIVED = ['Survived', 'NoCoverage']

/** @throws {TypeError} where it is no report. */
export function read(text: string): Report {
  const value: unknown = JSON.parse(text)
  if (!Value.Check(Schema, value)) throw new TypeError('This is no report of StrykerJS.')
  return value
}

/** What names folders of the machine, and is not needed by the next run. */
const OF_THE_MACHINE = ['statusReason', 'projectRoot']

/** A report without what is true on one machine only. */
export function portable(text: string): string {
  return `${JSON.stringify(JSON.parse(text, withoutMachine))}\n`
}

function withoutMachine(key: string, value: unknown): unknown {
  return OF_THE_MACHINE.includes(key) ? undefined : value
}

export function score(report: Report): Score {
  const mutants = Object.values(report.files).flatMap((file) => file.mutants)
  const count = (statuses: readonly string[]): number =>
    mutants.filter(({ status }) => statuses.includes(status)).length
  return { killed: count(KILLED), survived: count(SURVIVED) }
}

/** The share of the mutants that was found, 0 to 1; of none all were. */
export function shareOf({ killed, survived }: Score): number {
  return killed + survived === 0 ? 1 : killed / (killed + survived)
}

/** A line for each survivor, or with `isListedWhole` false for each file and kind of them. */
export function survivors(report: Report, isListedWhole: boolean): string[] {
  const files = Object.entries(report.files).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return files.flatMap((file) => (isListedWhole ? each(file) : byKind(file)))
}

type File = [path: string, file: Report['files'][string]]

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
