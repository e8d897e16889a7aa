import type { Rig } from './buildRig.ts'
import type { Workshop } from './Workshop.ts'

export type Prometheus = { url: string; version: string }
export type ScrapeTarget = { job: string; target: string; path: string }

export async function startPrometheus(_w: Workshop, _t: ScrapeTarget[]): Promise<Pick<Rig, 'prometheus' | 'notes' | 'tools'>> {
  return { prometheus: undefined, notes: ['No Prometheus.'], tools: [] }
}
