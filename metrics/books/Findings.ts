import { closeSync, openSync, writeSync } from 'node:fs'

import * as Run from '../Run.ts'

/** Where the breaches go as they are found: all into a file, the first into the run record. */
export type Findings = {
  add(finding: Run.Finding): void
  /** Findings so far, by kind. */
  count(kind: Run.FindingKind): number
  total(): number
  /** The first {@link Run.FINDINGS_LISTED_MAX}. */
  listed(): Run.Finding[]
  /** Writes what is left. */
  close(): void
}

/** Findings are rare, or there are millions of them. */
const BUFFER_CHARACTERS = 64 * 1024

/** Begins the file anew: one finding a line. */
export function create(file: string): Findings {
  const descriptor = openSync(file, 'w')
  const counts = new Map<Run.FindingKind, number>()
  const listed: Run.Finding[] = []
  let total = 0
  let buffer = ''
  const flush = (): void => {
    writeSync(descriptor, buffer)
    buffer = ''
  }
  return {
    add(finding) {
      total += 1
      counts.set(finding.kind, (counts.get(finding.kind) ?? 0) + 1)
      if (listed.length < Run.FINDINGS_LISTED_MAX) listed.push(finding)
      buffer += `${JSON.stringify(finding)}\n`
      if (buffer.length >= BUFFER_CHARACTERS) flush()
    },
    count: (kind) => counts.get(kind) ?? 0,
    total: () => total,
    listed: () => [...listed],
    close() {
      flush()
      closeSync(descriptor)
    },
  }
}
