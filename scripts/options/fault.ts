import type { Fault } from '../../chain/faults/Fault.ts'
import { faults } from '../../chain/faults/faults.ts'
import { duration } from './formats.ts'
import type { Format } from './Option.ts'

/** A fault, the part that it is injected into, when after the first instant, and for how long. */
export type PlannedFault = {
  name: string
  fault: Fault
  /** Of the system under test, such as `relayer` or `validator-2`. */
  part: string
  atMs: number
  lastsMs: number
}

const EXAMPLE = 'write for example pause:relayer@2s+3s'

export const plannedFault: Format<PlannedFault> = {
  placeholder: 'fault:part@time+time',
  parse(word) {
    const [, name = '', part = '', at = '', lasts = ''] =
      /^([a-z-]+):([a-z0-9-]+)@([\w.]+)\+([\w.]+)$/.exec(word) ?? []
    if (at === '') return { problems: [`"${word}" says no fault, part and times; ${EXAMPLE}`] }
    const fault = faults[name]
    const [atMs, lastsMs] = [duration.parse(at), duration.parse(lasts)]
    if (fault !== undefined && 'value' in atMs && 'value' in lastsMs) {
      return { value: { name, fault, part, atMs: atMs.value, lastsMs: lastsMs.value } }
    }
    const known = Object.keys(faults).join(', ')
    const unknown = fault === undefined ? [`"${name}" is no fault; there are ${known}`] : []
    const times = [atMs, lastsMs].flatMap((time) => ('problems' in time ? time.problems : []))
    return { problems: [...unknown, ...times] }
  },
}
