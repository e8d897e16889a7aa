import type { Fault } from './Fault.ts'
import { kill } from './kill.ts'
import { pause } from './pause.ts'

/** The faults by name. Another one is a file here and a line below. */
export const faults: Readonly<Record<string, Fault>> = { kill, pause }
