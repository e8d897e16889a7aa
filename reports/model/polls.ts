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

/** The polls in the record's order; an option that only one side knows is shown too. */
export function polls(run: Run): PollTally[] {
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
