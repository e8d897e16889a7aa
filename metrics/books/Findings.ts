import { closeSync, openSync, writeSync } from 'node:fs'

import * as Run from '../Run.ts'

/** Where the breaches go as they are found: all into a file, the first into the run record. */
export type Findings = {
  add(finding: Run.Finding): void
  /** Findings so far, by kind. */
  count(kind: Run.FindingKind): number
  total(): number
  /** Findings so far, by the link on which the ballot's way broke. */
  byLink(): Record<Run.Link, number>
  /** The first {@link Run.FINDINGS_LISTED_MAX}. */
  listed(): Run.Finding[]
  /** Writes what is left. */
  close(): void
}

/** Findings are rare, or there are millions of them. */
const BUFFER_CHARACTERS = 64 * 1024

/**
 * Begins the file anew: one finding a line.
 *
 * @param complete - adds what is known beside; called once with each finding.
 */
export function create(
  file: string,
  complete: (finding: Run.Finding) => Run.Finding = (finding) => finding,
): Findings {
  const descriptor = openSync(file, 'w')
  const counts = new Map<Run.FindingKind, number>()
  const links: Record<Run.Link, number> = { 'voter and database': 0, 'database and chain': 0 }
  const listed: Run.Finding[] = []
  let total = 0
  let buffer = ''
  const flush = (): void => {
    writeSync(descriptor, buffer)
    buffer = ''
  }
  return {
    add(found) {
      const finding = complete(found)
      total += 1
      if (finding.brokenBetween !== undefined) links[finding.brokenBetween] += 1
      counts.set(finding.kind, (counts.get(finding.kind) ?? 0) + 1)
      if (listed.length < Run.FINDINGS_LISTED_MAX) listed.push(finding)
      buffer += `${JSON.stringify(finding)}\n`
      if (buffer.length >= BUFFER_CHARACTERS) flush()
    },
    count: (kind) => counts.get(kind) ?? 0,
    total: () => total,
    byLink: () => ({ ...links }),
    listed: () => [...listed],
    close() {
      flush()
      closeSync(descriptor)
    },
  }
}
