import type { Counts } from '../Run.ts'

/**
 * The identities that the books must satisfy, each from counts that were made apart.
 *
 * @returns those that do not hold, as sentences; none where the books balance.
 */
export function imbalances(counts: Counts): string[] {
  const { planned, unsent, attempted, ok, fail, info, final, included, pending, lost } = counts
  const identities: [boolean, string][] = [
    [
      planned === attempted + unsent,
      `planned ${planned} ≠ attempted ${attempted} + unsent ${unsent}`,
    ],
    [
      attempted === ok + fail + info,
      `attempted ${attempted} ≠ ok ${ok} + fail ${fail} + info ${info}`,
    ],
    [final <= included, `final ${final} > included ${included}`],
    [ok >= pending + lost, `ok ${ok} < pending ${pending} + lost ${lost}`],
    [ok - pending - lost <= final, `ok ${ok} − pending ${pending} − lost ${lost} > final ${final}`],
  ]
  return identities.filter(([holds]) => !holds).map(([, sentence]) => sentence)
}
