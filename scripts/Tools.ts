// TEMPORARY stand-in by the lead; helper-2 replaces this file.
export const NAMES = ['k6', 'goquorum', 'prometheus', 'promtool'] as const
export async function resolve(name: (typeof NAMES)[number]): Promise<{ path: string; version: string; source: string }> {
  return { path: `/tmp/warm/bin/${name}`, version: 'x', source: 'cache' }
}
