/**
 * A trust design: who must be believed for the result to stand. A plain record; `scripts/` wires
 * the parts that it names.
 */
export type Design = {
  name: string
  /** One sentence for help and report. */
  description: string
  /** How ballots leave the generator. */
  path: 'relayed' | 'direct'
  /** Parts of the system under test beside the network. */
  parts: readonly ('database' | 'api' | 'relayer')[]
  /** What the books are held against. */
  witness: 'chain' | 'mirror' | 'database'
}
