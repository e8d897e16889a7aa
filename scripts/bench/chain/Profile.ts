import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { freePort } from '../../../chain/processes/freePort.ts'
import type { StartOptions, Supervisor } from '../../../chain/processes/Supervisor.ts'

/** Where CPU profiles go; without one nothing is profiled, and nothing costs. */
export type Profile = {
  /** Flags for a Node process: its profile is written when it ends. */
  nodeFlags(name: string): string[]
  /** The same supervisor, which starts GoQuorum and geth with their profiler open. */
  around(supervisor: Supervisor): Supervisor
  /** Begins to profile all nodes for the time of a window. */
  begin(turn: string): void
  /** Waits for what was begun. */
  end(): Promise<void>
}

const SECONDS = 8

/** Nothing is profiled. */
export const NONE: Profile = {
  nodeFlags: () => [],
  around: (supervisor) => supervisor,
  begin: () => undefined,
  end: async () => undefined,
}

/** Profiles into a folder: `<turn>-<node>.pprof` for `go tool pprof`, `*.cpuprofile` for DevTools. */
export function into(folder: string): Profile {
  mkdirSync(folder, { recursive: true })
  const ports = new Map<string, number>()
  let taking: Promise<unknown> = Promise.resolve()
  const fetchProfile = async (name: string, port: number, turn: string): Promise<void> => {
    const url = `http://127.0.0.1:${port}/debug/pprof/profile?seconds=${SECONDS}`
    const response = await fetch(url)
    writeFileSync(join(folder, `${turn}-${name}.pprof`), Buffer.from(await response.arrayBuffer()))
  }
  return {
    nodeFlags: (name) => [
      '--cpu-prof',
      `--cpu-prof-dir=${folder}`,
      `--cpu-prof-name=${name}-${process.hrtime.bigint()}.cpuprofile`,
    ],
    around: (supervisor) => ({
      ...supervisor,
      async start<Info>(options: StartOptions<Info>) {
        if (!options.args.includes('--datadir')) return supervisor.start(options)
        const port = await freePort()
        ports.set(options.name, port)
        const flags = ['--pprof', '--pprof.addr', '127.0.0.1', '--pprof.port', `${port}`]
        return supervisor.start({ ...options, args: [...options.args, ...flags] })
      },
    }),
    begin(turn) {
      taking = Promise.all([...ports].map(([name, port]) => fetchProfile(name, port, turn)))
      taking.catch(() => undefined)
    },
    end: async () => void (await taking),
  }
}
