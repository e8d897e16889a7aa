import type { Run } from '../../metrics/Run.ts'
import * as Format from '../Format.ts'

/** What was decided, and why. */
export type Judgement = { value: string; reasons: string[] }

/** The verdict on the system. A PASS says what it rests on, where the record gives no reason. */
export function verdict({ verdict: { value, reasons }, objectives, counts }: Run): Judgement {
  if (value !== 'PASS' || reasons.length > 0) return { value, reasons }
  const met = objectives.filter((objective) => objective.met === true).length
  return {
    value,
    reasons: [
      `${Format.count(met)} of ${Format.counted(objectives.length, 'objective')} met.`,
      `The books of ${Format.counted(counts.planned, 'ballot')} balance.`,
    ],
  }
}

/** The validity of the run. A VALID says how the load was kept, where the record gives no reason. */
export function validity({ validity: { value, reasons }, counts, generator }: Run): Judgement {
  if (value !== 'VALID' || reasons.length > 0) return { value, reasons }
  const { p99 } = generator.lateMs
  const late = p99 === null ? '' : `, 99 of 100 at most ${Format.durationMs(p99)} late`
  return {
    value,
    reasons: [
      `${Format.count(counts.attempted)} of ${Format.counted(counts.planned, 'planned ballot')} sent${late}.`,
    ],
  }
}
