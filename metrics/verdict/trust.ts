import type { Sources } from '../Sources.ts'

/**
 * How far the witness of a run can be believed: what it could check by itself, and on whose word it
 * rests for the rest.
 */
export function trust({ nodes, seals, validatorCount }: Sources): string[] {
  const readers = nodes.filter(({ blockCount }) => blockCount > 0)
  const agreeing = nodes.filter((node) => node.blockCount > 0 || node.agreedNumber >= 0)
  const silent = nodes.filter((node) => !node.isHeard && node.blockCount === 0)
  const names = readers.map(({ name }) => name).join(' and ')
  const recomputed = `Every block that the witness read from ${names} was recomputed: its hash, its transactions and its receipts`
  const sentences =
    readers.length === 0
      ? ['The witness read no block.']
      : [`${recomputed}; ${sealSentence(seals, validatorCount, agreeing.length)}`]
  for (const { name } of silent) {
    sentences.push(`The node ${name} never answered the witness: nothing was compared with it.`)
  }
  return sentences
}

function sealSentence(
  seals: Sources['seals'],
  validatorCount: number,
  agreeingCount: number,
): string {
  if (seals === 'qbft') {
    return `each bears the seals of two thirds of the ${validatorCount} validators, without whom nobody can show another chain.`
  }
  if (seals === 'clique') {
    return `each bears the seal of one of the ${validatorCount} signers, in its turn.`
  }
  return agreeingCount > 1
    ? `they bear no seals, and ${agreeingCount} nodes showed the same ones: those nodes together could have shown another chain.`
    : 'they bear no seals, and no other node showed the same ones: whoever runs this node could have shown another chain.'
}
