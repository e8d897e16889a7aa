import * as ExitCode from '../../scripts/ExitCode.ts'

/** What a command must say of a run in which something lies, starves or dies. */
export type Row = {
  command: 'run' | 'compare-designs' | 'bench'
  evil: Evil
  /** Of the run; of the plan in a comparison; a benchmark has none. */
  validity?: 'VALID' | 'GENERATOR_BOUND' | 'INCONCLUSIVE'
  verdict?: 'FAIL' | 'INCONCLUSIVE'
  exitCode: number
}

export type Evil =
  | 'k6 is stopped four times for 1.5 s of 10'
  | 'k6 is stopped until most ballots are late'
  | 'the API stands still for 3 s'
  | 'the API is killed'
  | 'the API loses, doubles and alters ballots'
  | 'one of two nodes hides events'

/** `npm run test:verdicts` holds what is seen against it, the rows of `run` also `npm test`. */
const ROWS: readonly Row[] = [
  {
    command: 'run',
    evil: 'k6 is stopped four times for 1.5 s of 10',
    validity: 'GENERATOR_BOUND',
    verdict: 'INCONCLUSIVE',
    exitCode: ExitCode.GENERATOR_BOUND,
  },
  {
    command: 'run',
    evil: 'k6 is stopped until most ballots are late',
    validity: 'GENERATOR_BOUND',
    verdict: 'INCONCLUSIVE',
    exitCode: ExitCode.GENERATOR_BOUND,
  },
  {
    command: 'run',
    evil: 'the API stands still for 3 s',
    validity: 'VALID',
    verdict: 'FAIL',
    exitCode: ExitCode.OBJECTIVE_MISSED,
  },
  {
    command: 'run',
    evil: 'the API is killed',
    verdict: 'FAIL',
    exitCode: ExitCode.OBJECTIVE_MISSED,
  },
  {
    command: 'run',
    evil: 'the API loses, doubles and alters ballots',
    verdict: 'FAIL',
    exitCode: ExitCode.INTEGRITY_VIOLATED,
  },
  {
    command: 'run',
    evil: 'one of two nodes hides events',
    verdict: 'FAIL',
    exitCode: ExitCode.INTEGRITY_VIOLATED,
  },
  {
    command: 'compare-designs',
    evil: 'k6 is stopped until most ballots are late',
    validity: 'GENERATOR_BOUND',
    verdict: 'INCONCLUSIVE',
    exitCode: ExitCode.GENERATOR_BOUND,
  },
  {
    command: 'compare-designs',
    evil: 'the API loses, doubles and alters ballots',
    verdict: 'FAIL',
    exitCode: ExitCode.INTEGRITY_VIOLATED,
  },
  {
    command: 'compare-designs',
    evil: 'one of two nodes hides events',
    verdict: 'FAIL',
    exitCode: ExitCode.INTEGRITY_VIOLATED,
  },
  {
    command: 'compare-designs',
    evil: 'the API is killed',
    verdict: 'FAIL',
    exitCode: ExitCode.OBJECTIVE_MISSED,
  },
  { command: 'bench', evil: 'the API is killed', exitCode: ExitCode.SCENARIO_THREW },
  {
    command: 'bench',
    evil: 'the API loses, doubles and alters ballots',
    exitCode: ExitCode.SCENARIO_THREW,
  },
]

/** What is expected; a row that is not there is a mistake of the test. */
export function expected(command: Row['command'], evil: Evil): Row {
  const row = ROWS.find((one) => one.command === command && one.evil === evil)
  if (row === undefined) throw new TypeError(`There is no row for ${command}: ${evil}`)
  return row
}

/** The row where nobody can tell, since others had the machine. */
export function untold(row: Row): Row {
  const [validity, verdict] = ['INCONCLUSIVE', 'INCONCLUSIVE'] as const
  return { ...row, validity, verdict, exitCode: ExitCode.INCONCLUSIVE }
}

/** The part of a record that a row speaks of. */
export function seen(
  row: Row,
  { validity, verdict }: { validity: { value: string }; verdict: { value: string } },
  exitCode: number | null,
): object {
  return {
    command: row.command,
    evil: row.evil,
    ...(row.validity !== undefined && { validity: validity.value }),
    ...(row.verdict !== undefined && { verdict: verdict.value }),
    exitCode,
  }
}
