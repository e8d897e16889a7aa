import * as Chromium from '../../scripts/Chromium.ts'
import * as Tools from '../../scripts/Tools.ts'
import { definitions } from '../../scripts/tools/definitions.ts'

/** The path of a tool that a test needs. */
export async function tool(name: Tools.Name): Promise<string> {
  return (await findTool(name)).path
}

/**
 * A tool that a test needs. It builds nothing: a build takes minutes, and would be told
 * as a time-out of the test.
 */
export async function findTool(name: Tools.Name): Promise<Tools.Tool> {
  const found = await Tools.find(name)
  if (found !== undefined) return found
  throw new Error(
    `This test needs ${name}, which is not here: \`npm test\` builds it before its tests, ` +
      `or set ${definitions[name].variable} to a binary.`,
  )
}

/** The path of the browser. */
export function chromium(): string {
  const found = Chromium.find(process.env)
  if (found === undefined) throw new Error(`This test needs Chromium. ${Chromium.REMEDY}`)
  return found
}
