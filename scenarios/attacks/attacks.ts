import type { Attack } from './Attack.ts'
import { forger } from './forger.ts'

/** The attacks by name. Another one is a file here and a line below. */
export const attacks: Readonly<Record<string, Attack>> = { forger }
