import type { Rig } from './buildRig.ts'
import type { Fired } from './fireStorm.ts'
export async function readPrometheus(_rig: Rig, _fired: Fired): Promise<undefined | any> {
  return undefined
}
