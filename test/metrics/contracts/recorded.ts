import type { Contracts, Executed } from '../../../metrics/contracts/Decoder.ts'
import * as TransactionReceipt from '../../../metrics/ethereum/TransactionReceipt.ts'
import type * as Recording from '../../helpers/Recording.ts'

/** What a decoder is shown of recorded blocks. @param number - of one block. @default all */
export function executedIn(recording: Recording.Recording, number?: number): Executed[] {
  const blocks =
    number === undefined ? recording.blocks : recording.blocks.slice(number, number + 1)
  return blocks
    .flatMap(({ transactions }) => transactions)
    .flatMap(({ hash, to, input }) => {
      const receipt = recording.receipts[hash]
      if (receipt === undefined || !TransactionReceipt.isDone(receipt)) return []
      return [{ hash, to, input, logs: receipt.logs }]
    })
}

export function contractsOf(main: string): Contracts {
  return { main, questions: [] }
}

/** Of a list of one that one. */
export function only<One>(list: readonly One[]): One {
  const [one, ...more] = list
  if (one === undefined || more.length > 0) throw new Error(`${list.length} in place of one`)
  return one
}

export const ELSEWHERE = `0x${'12'.repeat(20)}`
