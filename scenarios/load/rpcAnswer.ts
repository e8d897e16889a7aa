/**
 * What a node's answer to `eth_sendRawTransaction` means. A node may fail after it has taken a
 * transaction, so only the words by which a client is known to refuse are a refusal; whatever else
 * is an error leaves the fate open. No imports: k6 runs this file too.
 */
export function ofRpcAnswer(body: string): 'acknowledged' | 'indeterminate' | 'refused' {
  const answer = parse(body)
  if (answer === undefined) return 'indeterminate'
  if (typeof answer.result === 'string') {
    return /^0x[0-9a-fA-F]{64}$/.test(answer.result) ? 'acknowledged' : 'indeterminate'
  }
  const { error } = answer
  if (error === undefined) return 'indeterminate'
  if (isListed(KNOWN, error)) return 'acknowledged'
  const isRefused = NOT_EXECUTED.includes(error.code) || isListed(REFUSED, error)
  return isRefused || isListed(POOL_FULL, error) ? 'refused' : 'indeterminate'
}

/** Whether the node refuses for now only: another one, or the same one later, may have room. */
export function isPoolFull(body: string): boolean {
  const error = parse(body)?.error
  return error !== undefined && isListed(POOL_FULL, error)
}

/** Errors of JSON-RPC 2.0 itself: the request was not understood, so nothing was done. */
const NOT_EXECUTED: readonly number[] = [-32700, -32600, -32601, -32602]

type Listed = { codes: readonly number[]; texts: readonly string[] }

/** The node holds the transaction already: as good as its hash. */
const KNOWN: readonly Listed[] = [
  // go-ethereum and GoQuorum, `core/tx_pool.go`; before 2020 with the hash behind it.
  { codes: [-32000], texts: ['already known', 'known transaction'] },
  // anvil, `crates/anvil/src/eth/error.rs`.
  { codes: [-32003], texts: ['transaction already imported'] },
  // Besu, `RpcErrorType`.
  { codes: [-32000], texts: ['Known transaction'] },
  // Nethermind, `AcceptTxResult`.
  { codes: [-32010], texts: ['AlreadyKnown'] },
]

const POOL_FULL: readonly Listed[] = [
  { codes: [-32000], texts: ['txpool is full'] },
  { codes: [-32010], texts: ['FeeTooLowToCompete'] },
]

const REFUSED: readonly Listed[] = [
  // go-ethereum, GoQuorum (`core/tx_pool.go`, `core/error.go`, `core/types/transaction.go`), anvil.
  {
    codes: [-32000, -32003],
    texts: [
      'nonce too low',
      'nonce too high',
      'transaction underpriced',
      'replacement transaction underpriced',
      'exceeds block gas limit',
      'gas limit reached',
      'gas uint64 overflow',
      'intrinsic gas too low',
      'intrinsic gas too high',
      'insufficient funds for gas * price + value',
      'Insufficient funds for gas * price + value',
      'insufficient funds for transfer',
      'max fee per gas less than block base fee',
      'negative value',
      'oversized data',
      'invalid sender',
      'invalid chain id for signer',
      'invalid transaction v, r, s values',
      'transaction type not supported',
      'transaction type not valid in this context',
      'transaction type does not supported EIP-155 protected signatures',
      'only replay-protected (EIP-155) transactions allowed over RPC',
      'Gas price not 0',
      'ether value is not supported for private transactions',
    ],
  },
  // Besu, `RpcErrorType`.
  { codes: [-32001], texts: ['Nonce too low'] },
  { codes: [-32002], texts: ['Invalid signature'] },
  { codes: [-32003], texts: ['Intrinsic gas exceeds gas limit'] },
  { codes: [-32004], texts: ['Upfront cost exceeds account balance'] },
  { codes: [-32005], texts: ['Transaction gas limit exceeds block gas limit'] },
  { codes: [-32006], texts: ['Nonce too high'] },
  { codes: [-32007], texts: ['Sender account not authorized to send transactions'] },
  { codes: [-32008], texts: ['Initial sync is still in progress'] },
  {
    codes: [-32009],
    texts: ['Gas price below configured minimum gas price', 'Gas price below current base fee'],
  },
  {
    codes: [-32000],
    texts: [
      'Replacement transaction underpriced',
      'Wrong chainId',
      'ChainId not supported',
      'ChainId is required',
      'Transaction fee cap exceeded',
    ],
  },
  // Nethermind, `AcceptTxResult`.
  {
    codes: [-32010],
    texts: [
      'FailedToResolveSender',
      'FeeTooLow',
      'GasLimitExceeded',
      'InsufficientFunds',
      'Int256Overflow',
      'Invalid',
      'NonceGap',
      'OldNonce',
      'ReplacementNotAllowed',
      'SenderIsContract',
    ],
  },
]

type RpcError = { code: number; message: string }

/** The very text, or the text and behind a mark of punctuation the details of the case. */
function isListed(lists: readonly Listed[], { code, message }: RpcError): boolean {
  return lists.some(
    ({ codes, texts }) =>
      codes.includes(code) &&
      texts.some(
        (text) => message.startsWith(text) && /^(?:$|[:,.] | \()/.test(message.slice(text.length)),
      ),
  )
}

function parse(body: string): { result: unknown; error: RpcError | undefined } | undefined {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || value === null) return undefined
    const { result, error } = value as { result?: unknown; error?: unknown }
    return { result, error: isError(error) ? error : undefined }
  } catch {
    return undefined
  }
}

function isError(value: unknown): value is RpcError {
  if (typeof value !== 'object' || value === null) return false
  const { code, message } = value as Partial<RpcError>
  return typeof code === 'number' && typeof message === 'string'
}
