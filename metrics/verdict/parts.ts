/** What a part of a run is there for. */
type Role = 'node' | 'system' | 'generator' | 'observer' | 'monitor'

/** The role of each part; from the second of its kind on, a part's name ends in a number. */
const ROLES: Readonly<Record<string, Role>> = {
  validator: 'node',
  observer: 'node',
  anvil: 'node',
  api: 'system',
  relayer: 'system',
  postgres: 'system',
  k6: 'generator',
  probe: 'generator',
  feeder: 'generator',
  resender: 'generator',
  witness: 'observer',
  watchdog: 'observer',
  harness: 'observer',
  prometheus: 'monitor',
  attacker: 'generator',
}

function roleOf(name: string): Role | undefined {
  return ROLES[name.replace(/-\d+$/, '')]
}

/** CPU seconds of all parts of a role. */
export function cpuSOf(cpuSByProcess: Readonly<Record<string, number>>, role: Role): number {
  return Object.entries(cpuSByProcess).reduce(
    (sum, [name, seconds]) => sum + (roleOf(name) === role ? seconds : 0),
    0,
  )
}

/** A part that ended without being told to; `text` says how. */
export type Exit = { name: string; text: string }

/**
 * What the end of each part means: without its harness a run is INCONCLUSIVE, a part of the system
 * that ended is a FAIL. The end of Prometheus spoils no number of the books.
 */
export function classifyExits(exits: readonly Exit[]): {
  systemExits: string[]
  harnessExits: string[]
} {
  const systemExits: string[] = []
  const harnessExits: string[] = []
  for (const { name, text } of exits) {
    const role = roleOf(name)
    if (role === 'monitor') continue
    const isHarness = role === 'generator' || role === 'observer'
    ;(isHarness ? harnessExits : systemExits).push(text)
  }
  return { systemExits, harnessExits }
}
