import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const FOLLOW = join(import.meta.dirname, 'followLauncher.mjs')

/**
 * Runs a file under Node to its end, with this process's output. Where this process is killed, the
 * other ends too, in order.
 *
 * @returns its exit code; 1 where a signal ended it.
 */
export async function runNode(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<number> {
  const child = spawn(process.execPath, ['--import', FOLLOW, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  })
  const [code]: (number | null)[] = await once(child, 'exit')
  return code ?? 1
}
