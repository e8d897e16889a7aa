import type { Counts } from './Run.ts'

/**
 * The identities that the books must satisfy, each from counts that were made apart.
 *
 * @returns those that do not hold, as sentences; none where the books balance.
 */
export function imbalances(counts: Counts): string[] {
  const { planned, unsent, attempted, acknowledged, refused, indeterminate } = counts
  const { final, included, pending, lost } = counts
  const identities: [boolean, string][] = [
    [
      planned === attempted + unsent,
      `planned ${planned} ≠ attempted ${attempted} + unsent ${unsent}`,
    ],
    [
      attempted === acknowledged + refused + indeterminate,
      `attempted ${attempted} ≠ acknowledged ${acknowledged} + refused ${refused} + indeterminate ${indeterminate}`,
    ],
    [final <= included, `final ${final} > included ${included}`],
    [
      acknowledged >= pending + lost,
      `acknowledged ${acknowledged} < pending ${pending} + lost ${lost}`,
    ],
    [
      acknowledged - pending - lost <= final,
      `acknowledged ${acknowledged} − pending ${pending} − lost ${lost} > final ${final}`,
    ],
  ]
  return identities.filter(([holds]) => !holds).map(([, sentence]) => sentence)
}
