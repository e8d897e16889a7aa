/**
 * The lines of the history: what each voter was told. Written by k6 (attempts), the feeder
 * (hand-overs) and the voters' resender (resends), read by the books. No imports: k6 runs this file
 * too.
 */

/** One attempt with one ballot, and what came back. */
export type Attempt = {
  ballot: number
  /** 1 and up. */
  attempt: number
  /** Unix milliseconds: when the plan wanted the ballot sent (the same for all its attempts). */
  intendedAtMs: number
  sentAtMs: number
  doneAtMs: number
  /** The HTTP status; 0 where no definite answer came, and then the body is the reason. */
  status: number
  /** The answer, on one line, at most {@link BODY_LENGTH_MAX} characters. */
  body: string
}

/** Ballots `first` … `first + count − 1` left the feeder; without an attempt their fate is unknown. */
export type HandOver = { first: number; count: number; atMs: number }

/** The voters' resender sent ballot `ballot` once more. */
export type Resend = { ballot: number; atMs: number; status: number; body: string }

/**
 * A receipt has 340 characters, and whatever an API sends beside it must not cut it; what is longer
 * still is somebody's error page.
 */
export const BODY_LENGTH_MAX = 16_384

/**
 * A writer is at its end and has written so many lines; k6 says so for each VU. A file in which fewer
 * lines stand was cut.
 */
export function formatEnd(lineCount: number): string {
  return `E ${lineCount}`
}

/** The number of lines that a writer's last line tells, or `undefined` where the line is not one. */
export function parseEnd(line: string): number | undefined {
  const match = /^E (\d+)$/.exec(line)
  return match === null ? undefined : Number(match[1])
}

export function formatAttempt(line: Attempt): string {
  return `A ${line.ballot} ${line.attempt} ${line.intendedAtMs} ${line.sentAtMs} ${line.doneAtMs} ${line.status} ${oneLine(line.body)}`
}

export function formatHandOver(line: HandOver): string {
  return `H ${line.first} ${line.count} ${line.atMs}`
}

export function formatResend(line: Resend): string {
  return `R ${line.ballot} ${line.atMs} ${line.status} ${oneLine(line.body)}`
}

/** The attempt in a line, or `undefined` where the line is not one. */
export function parseAttempt(line: string): Attempt | undefined {
  const match = /^A (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+) ?(.*)$/.exec(line)
  if (match === null) return undefined
  const [ballot, attempt, intendedAtMs, sentAtMs, doneAtMs, status] = match.slice(1, 7).map(Number)
  if (ballot === undefined || attempt === undefined || intendedAtMs === undefined) return undefined
  if (sentAtMs === undefined || doneAtMs === undefined || status === undefined) return undefined
  return { ballot, attempt, intendedAtMs, sentAtMs, doneAtMs, status, body: match[7] ?? '' }
}

/** The hand-over in a line, or `undefined` where the line is not one. */
export function parseHandOver(line: string): HandOver | undefined {
  const match = /^H (\d+) (\d+) ([\d.]+)$/.exec(line)
  if (match === null) return undefined
  return { first: Number(match[1]), count: Number(match[2]), atMs: Number(match[3]) }
}

/** The resend in a line, or `undefined` where the line is not one. */
export function parseResend(line: string): Resend | undefined {
  const match = /^R (\d+) ([\d.]+) (\d+) ?(.*)$/.exec(line)
  if (match === null) return undefined
  return {
    ballot: Number(match[1]),
    atMs: Number(match[2]),
    status: Number(match[3]),
    body: match[4] ?? '',
  }
}

function oneLine(body: string): string {
  return body.slice(0, BODY_LENGTH_MAX).replace(/\s+/g, ' ')
}
