/**
 * What is wrong with the evidence itself, as opposed to what the evidence says about the system.
 * Any of these makes a run INCONCLUSIVE.
 */
export type Problems = {
  /** @param kind - for example `attempts.log: malformed line`; equal ones are counted together. */
  add(kind: string, example: string): void
  /** One sentence for each kind. */
  list(): string[]
}

export function create(): Problems {
  const kinds = new Map<string, { count: number; example: string }>()
  return {
    add(kind, example) {
      const known = kinds.get(kind)
      if (known === undefined) kinds.set(kind, { count: 1, example })
      else known.count += 1
    },
    list: () =>
      [...kinds].map(([kind, { count, example }]) => `${kind} (${count}; first: ${example})`),
  }
}
