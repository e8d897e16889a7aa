import type { Run } from '../metrics/Run.ts'
import * as Format from './Format.ts'
import { books, type Books } from './model/books.ts'
import { environment, type EnvironmentGroup } from './model/environment.ts'
import { figures, type Figure } from './model/figures.ts'
import { headline, type Headline } from './model/headline.ts'
import { latencies, type LatencyColumn } from './model/latencies.ts'
import { validity, verdict, type Judgement } from './model/judgements.ts'
import { limits } from './model/limits.ts'
import { networkName } from './model/networkName.ts'
import { objectives, type ObjectiveRow } from './model/objectives.ts'
import { polls, type Polls } from './model/polls.ts'
import { warnings } from './model/warnings.ts'

/** All that a report says, in words and formatted numbers, before any page, table or terminal. */
export type Report = {
  runId: string
  /** For example `peak-2017 · relayed · qbft, 4 validators`. */
  subject: string
  /** When the run took place, as a person reads it. */
  period: string
  headline: Headline
  verdict: Judgement
  validity: Judgement
  figures: Figure[]
  /** What a reader must know before believing the figures. */
  warnings: string[]
  objectives: ObjectiveRow[]
  latencies: LatencyColumn[]
  books: Books
  polls: Polls
  environment: EnvironmentGroup[]
  /** What this design and this rig cannot show, whatever the figures say. */
  limits: string[]
  /** What the run itself noted. */
  notes: string[]
  repeat: { command: string; seed: string; commit: string }
}

/** The report of a run: a pure function of its record. */
export function from(run: Run): Report {
  return {
    runId: run.id,
    subject: `${run.scenario} · ${run.design} · ${networkName(run.network)}`,
    period: `${Format.instant(run.startedAt)} to ${Format.instant(run.finishedAt)}`,
    headline: headline(run),
    verdict: verdict(run),
    validity: validity(run),
    figures: figures(run),
    warnings: warnings(run),
    objectives: objectives(run),
    latencies: latencies(run),
    books: books(run),
    polls: polls(run),
    environment: environment(run),
    limits: limits(run),
    notes: run.notes,
    repeat: { command: run.command, seed: run.seed, commit: run.commit },
  }
}
