import type { CheckedBlock } from '../blocks/CheckedBlock.ts'
import * as Seal from '../ethereum/consensus/Seal.ts'
import * as Validators from '../ethereum/consensus/Validators.ts'

/**
 * Checks a block against those who may seal it.
 *
 * @param validators - who may, by the block before; left as it is.
 * @returns what speaks against the block, and who may seal the next one.
 */
export function follow(
  { block, number, faults }: CheckedBlock,
  validators: Validators.Validators,
): { faults: string[]; next: Validators.Validators } {
  // The seals of a block that was altered say nothing of their own.
  if (faults.length > 0) return { faults, next: validators }
  const next = structuredClone(validators)
  const seal = Seal.read(block, validators.kind)
  return { faults: Validators.advance(next, number, seal), next }
}
