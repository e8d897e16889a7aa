import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Tally from '../../../metrics/books/Tally.ts'
import * as HistoryLine from '../../../scenarios/load/HistoryLine.ts'
import * as Sandbox from './Sandbox.ts'

const BALLOTS = 10
const { START_AT_MS, voterOf } = Sandbox

let sandbox: Sandbox.Sandbox
beforeEach(() => {
  sandbox = Sandbox.create(BALLOTS)
})
afterEach(() => sandbox.dispose())

type Change = Partial<HistoryLine.Attempt> & { ackMs?: number }

/** The line of a first attempt: on time, acknowledged after 20 ms unless told otherwise. */
function attempt(ballot: number, { ackMs = 20, ...changes }: Change = {}): string {
  const intendedAtMs = START_AT_MS + ballot * 10
  const doneAtMs = intendedAtMs + ackMs
  const line = { ballot, attempt: 1, intendedAtMs, sentAtMs: intendedAtMs, doneAtMs }
  const answer = { status: 202, body: sandbox.receipt(ballot) }
  return HistoryLine.formatAttempt({ ...line, ...answer, ...changes })
}

function all(changes: (ballot: number) => Change = () => ({})): string[] {
  return Array.from({ length: BALLOTS }, (_, ballot) => attempt(ballot, changes(ballot)))
}

function handOver(first = 0, count = BALLOTS): string {
  return HistoryLine.formatHandOver({ first, count, atMs: START_AT_MS })
}

function forged(given: {
  ballot?: number | undefined
  changes?: { pollId?: number; sealsAt?: number } | undefined
  key?: Buffer | undefined
}): string {
  return sandbox.receipt(given.ballot ?? 0, given.changes, given.key)
}

function resend(ballot: number): string {
  return HistoryLine.formatResend({ ballot, atMs: START_AT_MS + 5000, status: 503, body: '' })
}

/** A final block of this timestamp, and nothing else. */
function onlyBlock(timestamp: number) {
  return [Sandbox.block(1, [], { timestamp }), Sandbox.final(1)]
}

/** All ballots in one block that is seen `afterMs` after the start, and final 500 ms later. */
function allIncluded(afterMs = 1000) {
  const casts = Array.from({ length: BALLOTS }, (_, ballot): [number, number, number, number] => [
    1,
    voterOf(ballot),
    ballot % 3,
    0,
  ])
  const block = Sandbox.block(1, casts, { seenAtMs: START_AT_MS + afterMs })
  return [block, Sandbox.final(1, 'a', START_AT_MS + afterMs + 500)]
}

/** A file less some of its lines; negative numbers count from behind, the last line end included. */
function withoutLines(text: string, from: number, until: number): string {
  const lines = text.split('\n')
  const [first, last] = [from, until].map((at) => (at < 0 ? lines.length + at : at))
  return lines.filter((_, index) => index < (first ?? 0) || index >= (last ?? 0)).join('\n')
}

/** The body by which an API refuses. */
function refusal(code: string): { body: string } {
  return { body: JSON.stringify({ code, message: 'no' }) }
}

describe('reconcile', () => {
  test('behavior: a published result that is not the recount is in the file of findings', async () => {
    sandbox.history(all(), [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const agreeing = await sandbox.reconcile({ published: [{ pollId: 1, votes: [4, 3, 3] }] })
    expect(agreeing.findings.total).toBe(0)
    const books = await sandbox.reconcile({ published: [{ pollId: 1, votes: [5, 2, 3] }] })
    expect(books.findings).toMatchObject({ total: 1, listed: [{ kind: 'tallyMismatch' }] })
    expect(JSON.parse(readFileSync(sandbox.options.findingsFile, 'utf8'))).toEqual(
      books.findings.listed[0],
    )
  })

  test('default: counts, latencies from the intended instant, rates of the storm window', async () => {
    sandbox.history(
      all((ballot) => ({ ackMs: 10 + ballot })),
      [handOver()],
    )
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const books = await sandbox.reconcile()
    expect(books.problems).toEqual([])
    expect(books.counts).toMatchObject({
      planned: 10,
      attempted: 10,
      acknowledged: 10,
      final: 10,
      lost: 0,
    })
    expect(books.latencyMs.ack).toMatchObject({ p50: 14, p90: 18, p99: 19, max: 19, count: 10 })
    expect(books.latencyMs.inclusion).toMatchObject({ p50: 950, max: 1000, censoredCount: 0 })
    expect(books.latencyMs.finality).toMatchObject({ p50: 1450, max: 1500, censoredCount: 0 })
    expect(books.rates).toEqual({ offeredPerS: 1, acknowledgedPerS: 1, finalPerS: 1 })
    const series = new Map(books.series.map(({ name, points }) => [name, points]))
    expect(series.get('ballots_acknowledged')?.slice(0, 2)).toEqual([
      [0, 10],
      [1, 0],
    ])
    expect(series.get('ballots_final')?.slice(0, 3)).toEqual([
      [0, 0],
      [1, 10],
      [2, 0],
    ])
    expect(series.get('ack_latency_p50')?.slice(0, 2)).toEqual([
      [0, 14],
      [1, null],
    ])
    expect(books.blocks).toMatchObject({ count: 2, gasPerBallot: 12_100, reorgCount: 0 })
  })

  test.each([1, 17, 100])('behavior: rates are ballots a second at %i/s', async (ratePerS) => {
    const own = Sandbox.create(ratePerS * 2, 2000)
    try {
      const spread = (ballot: number): HistoryLine.Attempt => ({
        ballot,
        attempt: 1,
        status: 202,
        intendedAtMs: START_AT_MS + ballot * 10,
        sentAtMs: START_AT_MS + ballot * 10,
        doneAtMs: START_AT_MS + ballot * 10 + 5,
        body: own.receipt(ballot),
      })
      const ballots = Array.from({ length: ratePerS * 2 }, (_, ballot) => ballot)
      own.history(
        ballots.map((ballot) => HistoryLine.formatAttempt(spread(ballot))),
        [handOver(0, ratePerS * 2)],
      )
      own.observations([])
      const books = await own.reconcile()
      // At 100/s the last instant is 1,990 ms: all lie within the two seconds.
      expect(books.rates).toEqual({
        offeredPerS: ratePerS,
        acknowledgedPerS: ratePerS,
        finalPerS: 0,
      })
    } finally {
      own.dispose()
    }
  })

  test('behavior: what is not final counts with its age at the deadline', async () => {
    sandbox.history(all(), [handOver()])
    const [block] = allIncluded()
    sandbox.observations(block === undefined ? [] : [block])
    const books = await sandbox.reconcile({ deadlineMs: START_AT_MS + 60_000 })
    expect(books.counts).toMatchObject({
      acknowledged: 10,
      included: 10,
      final: 0,
      pending: 10,
      lost: 0,
    })
    expect(books.latencyMs.inclusion).toMatchObject({ censoredCount: 0, max: 1000 })
    expect(books.latencyMs.finality).toMatchObject({ censoredCount: 10, count: 10, max: 60_000 })
  })

  test('behavior: whoever got no answer counts with the time until they gave up', async () => {
    sandbox.history(
      all((ballot) => (ballot < 4 ? { status: 0, body: '1050 timeout', ackMs: 5000 } : {})),
      [handOver()],
    )
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const books = await sandbox.reconcile()
    expect(books.counts).toMatchObject({ acknowledged: 6, indeterminate: 4 })
    expect(books.latencyMs.ack).toMatchObject({
      p50: 20,
      p99: 5000,
      max: 5000,
      count: 10,
      censoredCount: 4,
    })
    // All became final, and the four who heard nothing are among them.
    expect(books.latencyMs.finality).toMatchObject({ count: 10, censoredCount: 0, max: 1500 })
    expect(books.rates.acknowledgedPerS).toBe(0.6)
    const p99 = books.series.find(({ name }) => name === 'ack_latency_p99')
    expect(p99?.points[0]).toEqual([0, 5000])
  })

  test('behavior: whoever did not give up counts until the storm ends', async () => {
    sandbox.history([attempt(0)], [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const { latencyMs } = await sandbox.reconcile()
    // The storm of 10 s; ballot 1 was intended at 10 ms.
    expect(latencyMs.ack).toMatchObject({ count: 10, censoredCount: 9, max: 9990 })
  })

  test('behavior: the definitely refused are counted beside the times, not in them', async () => {
    sandbox.history(
      all((ballot) => (ballot < 7 ? { status: 403, body: '', ackMs: 1 } : {})),
      [handOver()],
    )
    sandbox.observations(Sandbox.sealing(1))
    const { counts, latencyMs, rates, series } = await sandbox.reconcile()
    expect(counts).toMatchObject({ acknowledged: 3, refused: 7 })
    expect(latencyMs.ack).toMatchObject({ count: 3, censoredCount: 0, p50: 20 })
    expect(rates.acknowledgedPerS).toBe(0.3)
    const turnedAway = series.find(({ name }) => name === 'ballots_turned_away')
    expect(turnedAway?.points[0]).toEqual([0, 7])
  })

  test('behavior: refused ballots are counted by the reason of their last refusal', async () => {
    const lines = all((ballot) =>
      ballot < 3
        ? { status: 503, ...refusal('QUEUE_FULL') }
        : ballot < 7
          ? { status: 409, ...refusal('VOTED_ALREADY') }
          : ballot < 9
            ? { status: 404, body: '<html>' }
            : {},
    )
    const later = { attempt: 2, status: 410, ...refusal('POLL_CLOSED') }
    sandbox.history([...lines, attempt(2, later), attempt(1, { attempt: 2 })], [handOver()])
    sandbox.observations(Sandbox.sealing(1))
    const { counts, refusals } = await sandbox.reconcile()
    expect(counts).toMatchObject({ acknowledged: 2, refused: 8 })
    expect(refusals).toEqual([
      { reason: 'VOTED_ALREADY', count: 4 },
      { reason: 'HTTP 404', count: 2 },
      { reason: 'QUEUE_FULL', count: 1 },
      { reason: 'POLL_CLOSED', count: 1 },
    ])
  })

  test('behavior: a stranger’s many reasons are told together, and none of them is lost', async () => {
    const own = Sandbox.create(40)
    try {
      const lines = Array.from({ length: 40 }, (_, ballot) => {
        const intendedAtMs = START_AT_MS + ballot * 10
        const times = { intendedAtMs, sentAtMs: intendedAtMs, doneAtMs: intendedAtMs + 1 }
        const body = JSON.stringify({ code: `REASON_${ballot}` })
        return HistoryLine.formatAttempt({ ballot, attempt: 1, ...times, status: 400, body })
      })
      own.history(lines, [handOver(0, 40)])
      own.observations(Sandbox.sealing(1))
      const { refusals } = await own.reconcile()
      expect(refusals).toHaveLength(15)
      expect(refusals[0]).toEqual({ reason: 'other reasons', count: 26 })
    } finally {
      own.dispose()
    }
  })

  test('behavior: the first acknowledgement counts, whatever is answered later', async () => {
    const lines = [
      attempt(0, { status: 503, body: '', ackMs: 10 }),
      attempt(0, { attempt: 2, ackMs: 300 }),
      attempt(0, { attempt: 3, ackMs: 200 }),
      attempt(0, { attempt: 4, status: 0, body: '', ackMs: 900 }),
    ]
    sandbox.history(lines, [handOver(0, 1)])
    sandbox.observations(Sandbox.sealing(1))
    const { latencyMs } = await sandbox.reconcile()
    expect(latencyMs.ack).toMatchObject({ count: 1, max: 200 })
  })

  test('behavior: what became final after the deadline is in counts and series alike', async () => {
    sandbox.history(all(), [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const { counts, series } = await sandbox.reconcile({ deadlineMs: START_AT_MS + 1000 })
    const final = series.find(({ name }) => name === 'ballots_final')
    expect(counts.final).toBe(10)
    expect(final?.points.reduce((sum, [, count]) => sum + (count ?? 0), 0)).toBe(10)
  })

  test('behavior: a standstill up to the deadline, and from the start, is an interval', async () => {
    sandbox.history(all(), [handOver()])
    sandbox.observations(allIncluded(2000))
    const { blocks } = await sandbox.reconcile({ deadlineMs: START_AT_MS + 60_000 })
    expect(blocks.intervalMs.max).toBe(58_000)
    const early = await sandbox.reconcile({ deadlineMs: START_AT_MS + 2500 })
    expect(early.blocks.intervalMs.max).toBe(2000)
  })

  test('behavior: rates of a run that was broken off are over the time that was fired', async () => {
    sandbox.history(all(), [handOver()])
    sandbox.observations(allIncluded())
    const deadlineMs = START_AT_MS + 2000
    const { rates } = await sandbox.reconcile({ deadlineMs, interrupted: true })
    expect(rates).toEqual({ offeredPerS: 5, acknowledgedPerS: 5, finalPerS: 5 })
  })

  test('behavior: a receipt in a long answer is read whole', async () => {
    const answer: object = JSON.parse(sandbox.receipt(0))
    const body = JSON.stringify({ news: 'x'.repeat(5000), ...answer })
    sandbox.history(
      all((ballot) => (ballot === 0 ? { body } : {})),
      [handOver()],
    )
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const { counts, findings } = await sandbox.reconcile()
    expect(counts.acknowledged).toBe(10)
    expect(findings.total).toBe(0)
  })

  test('behavior: handed over without an answer is indeterminate, not handed over is unsent', async () => {
    sandbox.history([attempt(0)], [handOver(0, 4)])
    sandbox.observations(Sandbox.sealing(1))
    const books = await sandbox.reconcile()
    expect(books.counts).toMatchObject({
      planned: 10,
      unsent: 6,
      attempted: 4,
      acknowledged: 1,
      indeterminate: 3,
    })
    expect(books.silentCount).toBe(3)
    expect(books.counts.lost).toBe(1)
  })

  test.each([
    ['of another ballot', () => ({ ballot: 1 })],
    ['of another poll', () => ({ changes: { pollId: 2 } })],
    ['with another sealing time', () => ({ changes: { sealsAt: Sandbox.SEALS_AT + 60 } })],
    ['by another key', () => ({ key: Buffer.alloc(32, 9) })],
  ])('behavior: a receipt %s is indeterminate and a finding', async (_, given) => {
    const { ballot = 0, changes, key }: Parameters<typeof forged>[0] = given()
    const body = forged({ ballot, changes, key })
    sandbox.history(
      all((of) => (of === 0 ? { body } : {})),
      [handOver()],
    )
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const books = await sandbox.reconcile()
    expect(books.findings.listed).toMatchObject([{ kind: 'invalidReceipt', ballot: 0 }])
    expect(books.findings.listed[0]?.evidence).toMatchObject({ status: 202, body })
    expect(books.counts).toMatchObject({ acknowledged: 9, indeterminate: 1, invalidReceipt: 1 })
  })

  test('behavior: any of several attempts may bring the receipt; the first one counts', async () => {
    const late = { attempt: 2, sentAtMs: START_AT_MS + 500, doneAtMs: START_AT_MS + 530 }
    const again = { attempt: 3, sentAtMs: START_AT_MS + 900, doneAtMs: START_AT_MS + 950 }
    const refused = { status: 503, body: '{"code":"OVERLOADED"}' }
    const others = all().slice(1)
    sandbox.history(
      [attempt(0, again), attempt(0, refused), attempt(0, late), ...others],
      [handOver()],
    )
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const books = await sandbox.reconcile()
    expect(books.counts).toMatchObject({ acknowledged: 10, refused: 0, indeterminate: 0 })
    expect(books.latencyMs.ack.max).toBe(530)
    expect(books.problems).toEqual([])
  })

  test('behavior: a voter who was put off as k6 broke off may have had another attempt', async () => {
    const putOff = { status: 503, body: '{"code":"OVERLOADED"}' }
    const last = { ...putOff, attempt: 3 }
    sandbox.history([attempt(0, putOff), attempt(1, last), ...all().slice(2)], [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const whole = await sandbox.reconcile()
    expect(whole.counts).toMatchObject({
      acknowledged: 8,
      refused: 2,
      indeterminate: 0,
      unexpected: 2,
    })
    const brokenOff = await sandbox.reconcile({ hasGeneratorBrokenOff: true })
    expect(brokenOff.counts).toMatchObject({
      acknowledged: 8,
      refused: 1,
      indeterminate: 1,
      unexpected: 1,
    })
    expect(brokenOff.findings.listed).toMatchObject([{ kind: 'unexpected', ballot: 1 }])
  })

  test('behavior: without a sealing time lost is what a moving chain did not bring in time', async () => {
    const { pollId, pollDigest } = { pollId: 1, pollDigest: Sandbox.POLL_DIGEST.toString('hex') }
    const polls = [{ pollId, pollDigest: `0x${pollDigest}`, sealsAt: undefined }]
    // The receipts name a sealing time that this chain cannot confirm or deny.
    sandbox.history(all(), [handOver()])
    const finalAtMs = START_AT_MS + 50_000
    sandbox.observations([Sandbox.block(1, []), Sandbox.final(1, 'a', finalAtMs)])
    const lost = async (deadlineMs: number, interrupted = false): Promise<number> =>
      (await sandbox.reconcile({ polls, deadlineMs, interrupted })).counts.lost
    expect(await lost(finalAtMs + 9000)).toBe(10)
    expect(await lost(finalAtMs + 11_000)).toBe(0)
    expect(await lost(finalAtMs + 9000, true)).toBe(0)
  })

  test('behavior: a block of the very second of sealing proves nothing yet', async () => {
    sandbox.history(all(), [handOver()])
    sandbox.observations(onlyBlock(Sandbox.SEALS_AT))
    expect((await sandbox.reconcile()).counts).toMatchObject({ lost: 0, pending: 10 })
    sandbox.observations(onlyBlock(Sandbox.SEALS_AT + 1))
    expect((await sandbox.reconcile()).counts).toMatchObject({ lost: 10, pending: 0 })
  })

  test('behavior: a torn last line is tolerated and counted, its ballot has no answer', async () => {
    sandbox.history(all().slice(0, 9), [handOver()])
    // Cut inside the receipt: taken as whole it would be a forged one.
    appendFileSync(join(sandbox.folder, 'attempts.log'), attempt(9).slice(0, 120))
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)], '{"kind":"block","num')
    const books = await sandbox.reconcile()
    expect(books.tornLineCount).toBe(2)
    expect(books.problems).toEqual([])
    expect(books.counts).toMatchObject({ acknowledged: 9, indeterminate: 1, invalidReceipt: 0 })
  })

  test.each<[string, (lines: string[]) => string[]]>([
    ['malformed line', (lines) => lines.with(3, 'A 3 1 what')],
    ['ballot beyond the plan', (lines) => lines.with(3, lines[3]?.replace('A 3', 'A 99') ?? '')],
    ['another instant', () => all((ballot) => (ballot === 3 ? { intendedAtMs: START_AT_MS } : {}))],
    ['answered before', () => all((ballot) => (ballot === 3 ? { ackMs: -20 } : {}))],
    ['sent before', () => all((of) => (of === 3 ? { sentAtMs: START_AT_MS + 20 } : {}))],
  ])('behavior: damaged history is a problem: %s', async (problem, damage) => {
    sandbox.history(damage(all()), [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const books = await sandbox.reconcile()
    expect(books.problems.join()).toContain(problem)
  })

  test.each<[string, string, (text: string) => string]>([
    ['its beginning is missing', 'its beginning is missing', (text) => withoutLines(text, 0, 1)],
    ['all but its end is missing', 'its beginning is missing', (text) => withoutLines(text, 0, -2)],
    ['its end is missing', 'its end is missing', (text) => withoutLines(text, -2, -1)],
    ['a block is missing', 'lines are missing or changed', (text) => withoutLines(text, 1, 2)],
    [
      'a time was changed',
      'lines are missing or changed',
      (text) => text.replace(/"atMs":\d+/, (atMs) => `${atMs.slice(0, -1)}7`),
    ],
    ['another file stands behind it', 'the witness began twice', (text) => text + text],
    [
      'a line stands behind its end',
      'behind its end',
      (text) => `${text}{"kind":"look","atMs":1}\n`,
    ],
    ['nothing is in it', 'it is empty', () => ''],
  ])('behavior: damaged observations are a problem: %s', async (_, problem, damage) => {
    sandbox.history(all(), [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const file = sandbox.options.observationsFile
    writeFileSync(file, damage(readFileSync(file, 'utf8')))
    expect((await sandbox.reconcile()).problems.join()).toContain(problem)
  })

  test.each<[string, string, (text: string) => string]>([
    ['attempts.log', '9 of 10 lines are there', (text) => withoutLines(text, 0, 1)],
    ['attempts.log', '9 of 10 lines are there', (text) => withoutLines(text, 4, 5)],
    ['attempts.log', 'its end is missing', (text) => withoutLines(text, -2, -1)],
    ['attempts.log', 'its end is missing', () => ''],
    ['handed-over.log', '0 of 1 lines are there', (text) => withoutLines(text, 0, 1)],
    ['handed-over.log', 'its end is missing', (text) => withoutLines(text, 1, 2)],
  ])('behavior: a %s of which %s is a problem', async (name, problem, damage) => {
    sandbox.history(all(), [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const file = join(sandbox.folder, name)
    writeFileSync(file, damage(readFileSync(file, 'utf8')))
    const { problems } = await sandbox.reconcile()
    expect(problems.join()).toContain(`${name} is not whole`)
    expect(problems.join()).toContain(problem)
    // A generator that was ended before its last line says so elsewhere.
    const brokenOff = await sandbox.reconcile({ hasGeneratorBrokenOff: true })
    expect(brokenOff.problems.join()).not.toContain('is not whole')
  })

  test('behavior: a witness that hears nothing for a while accuses nobody', async () => {
    sandbox.history(all(), [handOver()])
    // Its looks end 120 s after the start; the drain goes on for a while.
    sandbox.observations(allIncluded())
    const deadlineMs = START_AT_MS + 119_000
    expect((await sandbox.reconcile({ deadlineMs: deadlineMs + 10_000 })).problems).toEqual([])
    expect((await sandbox.reconcile({ deadlineMs: deadlineMs + 10_001 })).problems).toEqual([
      'the witness heard nothing from its nodes (1; first: for 10 s)',
    ])
  })

  test('behavior: observations with a gap, or out of thin air, are a problem', async () => {
    sandbox.history(all(), [handOver()])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(3)])
    expect((await sandbox.reconcile()).problems.join()).toContain('does not follow')
    sandbox.observations([...allIncluded(), Sandbox.block(2, [], { parentBranch: 'b' })])
    expect((await sandbox.reconcile()).problems.join()).toContain('does not follow')
    sandbox.observations([...allIncluded(), Sandbox.final(1, 'b')])
    expect((await sandbox.reconcile()).problems.join()).toContain('had not read')
  })

  test('behavior: an attempt without a hand-over is a problem, a ballot handed over twice too', async () => {
    sandbox.observations([])
    sandbox.history(all(), [handOver(0, 9)])
    expect((await sandbox.reconcile()).problems.join()).toContain('without a hand-over')
    sandbox.history(all(), [handOver(), handOver(4, 1)])
    expect((await sandbox.reconcile()).problems.join()).toContain('handed over twice')
  })

  test('behavior: every finding is in the file, the first hundred in the result', async () => {
    sandbox.history([], [])
    const casts = Array.from({ length: 150 }, (_, index): [number, number, number, number] => [
      ...([1, 1_000_000 + index] as const),
      ...([0, 0] as const),
    ])
    sandbox.observations([Sandbox.block(1, casts), Sandbox.final(1)])
    const books = await sandbox.reconcile()
    expect(books.findings.total).toBe(150)
    expect(books.counts.unexpected).toBe(150)
    expect(books.findings.listed).toHaveLength(100)
    const lines = readFileSync(sandbox.options.findingsFile, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(150)
  })

  test('behavior: resent ballots are counted once each', async () => {
    sandbox.history(all(), [handOver()], [resend(3), resend(3), resend(5)])
    sandbox.observations([...allIncluded(), ...Sandbox.sealing(2)])
    const books = await sandbox.reconcile()
    expect(books.counts).toMatchObject({ resent: 2, acknowledged: 10 })
  })

  test('behavior: no files at all are an empty run, not an error', async () => {
    const books = await sandbox.reconcile()
    expect(books.counts).toMatchObject({ planned: 10, unsent: 10, attempted: 0 })
  })
})

describe('compare', () => {
  test('default: equal tallies are no finding', () => {
    expect(Tally.compare(1, [3, 2, 1], [3, 2, 1])).toBeUndefined()
  })

  test.each([
    ['moved', [3, 2, 1], [2, 3, 1]],
    ['missing', [3, 2], [3, 2, 1]],
    ['more', [3, 2, 2], [3, 2, 1]],
  ])('behavior: votes %s are named', (_, tally, recount) => {
    expect(Tally.compare(1, tally, recount)).toMatchObject({ kind: 'tallyMismatch', pollId: 1 })
  })
})
