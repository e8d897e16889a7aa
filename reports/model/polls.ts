import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'

/** One poll: what the contract says beside what was recounted from final ballots. */
export type PollTally = {
  pollId: number
  question: string
  options: {
    name: string
    tally: string
    recount: string
    /** Share of the recount, from 0 to 1. */
    share: number
    agrees: boolean
  }[]
  standing: 'agrees' | 'differs' | 'unread'
}

/** A page with more polls than this is read by nobody; the record holds all of them. */
export const POLLS_LISTED_MAX = 40

/** Which polls a report lists, and what it says of all of them. */
export type Polls = {
  /** All in the record's order; of too many those that differ, then the most narrowly decided ones. */
  listed: PollTally[]
  /** Sentences over all polls where not all are listed, else none. */
  summary: string[]
}

/** The polls of a record; an option that only one side knows is shown too. */
export function polls(run: Run): Polls {
  const all = tallies(run)
  if (all.length <= POLLS_LISTED_MAX) return { listed: all, summary: [] }
  const margins = new Map(run.polls.map(({ pollId, recount }) => [pollId, margin(recount)]))
  const ranked = all.toSorted(
    (one, other) =>
      RANKS[one.standing] - RANKS[other.standing] ||
      (margins.get(one.pollId) ?? 0) - (margins.get(other.pollId) ?? 0) ||
      one.pollId - other.pollId,
  )
  return { listed: ranked.slice(0, POLLS_LISTED_MAX), summary: summary(all, [...margins.values()]) }
}

const RANKS = { differs: 0, unread: 1, agrees: 2 } as const

/** Votes between the two strongest options; without a vote there is nothing to decide. */
function margin(recount: readonly number[]): number {
  const [first = 0, second = 0] = recount.toSorted((one, other) => other - one)
  return first === 0 ? Number.POSITIVE_INFINITY : first - second
}

function summary(all: readonly PollTally[], margins: readonly number[]): string[] {
  const count = (standing: PollTally['standing']): number =>
    all.filter((poll) => poll.standing === standing).length
  const empty = margins.filter((votes) => votes === Number.POSITIVE_INFINITY).length
  const narrow = margins.filter((votes) => votes <= 1).length
  return [
    `${Format.count(all.length)} polls: in ${Format.count(count('agrees'))} tally and recount agree, in ${Format.count(count('differs'))} they differ, of ${Format.count(count('unread'))} the tally was not read.`,
    `In ${Format.count(narrow)} of them a single ballot decides, or would break a tie${empty === 0 ? '' : `; ${Format.count(empty)} have no ballot`}.`,
    `Listed are ${POLLS_LISTED_MAX}: those that differ first, then the most narrowly decided ones. run.json holds all.`,
  ]
}

function tallies(run: Run): PollTally[] {
  return run.polls.map(({ pollId, question, options, tally, recount }) => {
    const total = recount.reduce((sum, votes) => sum + votes, 0)
    const length = Math.max(options.length, recount.length, tally?.length ?? 0)
    const rows = Array.from({ length }, (_, choice) => {
      const [told, counted] = [tally?.[choice], recount[choice] ?? 0]
      return {
        name: options[choice] ?? `choice ${choice} (no such option)`,
        tally: tally === null ? 'not read' : Format.count(told ?? 0),
        recount: Format.count(counted),
        share: total === 0 ? 0 : counted / total,
        agrees: tally === null || (told ?? 0) === counted,
      }
    })
    const differs = rows.some(({ agrees }) => !agrees)
    return {
      pollId,
      question,
      options: rows,
      standing: tally === null ? 'unread' : differs ? 'differs' : 'agrees',
    }
  })
}
