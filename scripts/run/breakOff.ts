import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as ExitCode from '../ExitCode.ts'
import type { Host } from '../rig/Host.ts'

/**
 * A part did not become ready, or something was thrown under way: tells it, with the stack of a bug;
 * what is there stays.
 */
export function breakOff(
  { folder, progress }: Pick<Host, 'folder' | 'progress'>,
  error: unknown,
): number {
  progress.note(explanationOf(error))
  progress.note(`The run broke off; what there is of it, and the logs, stand in ${folder}`)
  return ExitCode.SCENARIO_THREW
}
