import * as fc from 'fast-check'

/** An argument of a call: a word, or `count` elements that lie behind an offset. */
export type Argument = bigint | { count: number; bytes: Buffer }

/** How calldata departs from what an encoder writes. */
export type Layout = {
  /** Bytes before each argument that lies behind an offset. */
  gaps: readonly number[]
  /** Whether these arguments lie in reverse order. */
  isReversed: boolean
  isPadded: boolean
  /** Bytes behind the last argument. */
  behind: Uint8Array
  /** Bytes that are missing at the end. */
  cutBytes: number
  /** Added to the first length. */
  lengthChange: bigint
  /** Added to the first offset. */
  offsetChange: bigint
}

/** What an encoder writes. */
export const CANONICAL: Layout = {
  gaps: [],
  isReversed: false,
  isPadded: true,
  behind: Buffer.alloc(0),
  cutBytes: 0,
  lengthChange: 0n,
  offsetChange: 0n,
}

/** What a contract takes must be common, or nothing is compared. */
const NOT = { arbitrary: fc.constant(0n), weight: 10 }

/** Missing padding, more bytes than needed, other offsets, other lengths; mostly what a contract takes. */
export const layouts: fc.Arbitrary<Layout> = fc.record({
  gaps: fc.array(fc.nat({ max: 70 }), { minLength: 4, maxLength: 4 }),
  isReversed: fc.boolean(),
  isPadded: fc.boolean(),
  behind: fc.oneof(fc.constant(Buffer.alloc(0)), fc.uint8Array({ maxLength: 120 })),
  cutBytes: fc.oneof(
    { arbitrary: fc.constant(0), weight: 8 },
    fc.constantFrom(1, 5, 31, 32, 74),
    fc.nat({ max: 400 }),
  ),
  lengthChange: fc.oneof(
    NOT,
    fc.constantFrom(1n, 5n, 74n),
    fc.constantFrom(-1n, -5n, -74n, 2n ** 32n, 2n ** 64n, 2n ** 255n),
  ),
  offsetChange: fc.oneof(
    NOT,
    fc.constantFrom(1n, -1n, 32n, -32n, 74n, 2n ** 32n, 2n ** 64n, 2n ** 255n),
    fc.bigInt({ min: -160n, max: 500n }),
  ),
})

/** Writes a call; `selector` is `0x` and 8 hex digits. */
export function encode(selector: string, args: readonly Argument[], layout: Layout): string {
  const headBytes = args.length * 32
  const tail: Buffer[] = []
  const heads = args.map((one) => (typeof one === 'bigint' ? one : 0n))
  const places = args.flatMap((one, index) => (typeof one === 'bigint' ? [] : [{ ...one, index }]))
  let offset = headBytes
  for (const [turn, { index, count, bytes }] of ordered(places, layout).entries()) {
    const gap = layout.gaps[turn] ?? 0
    const isFirst = index === places[0]?.index
    const padding = layout.isPadded ? (32 - (bytes.length % 32)) % 32 : 0
    const length = word(BigInt(count) + (isFirst ? layout.lengthChange : 0n))
    heads[index] = BigInt(offset + gap) + (isFirst ? layout.offsetChange : 0n)
    tail.push(Buffer.alloc(gap, 0xab), length, bytes, Buffer.alloc(padding))
    offset += gap + 32 + bytes.length + padding
  }
  const all = Buffer.concat([...heads.map(word), ...tail, layout.behind])
  return selector + all.subarray(0, all.length - layout.cutBytes).toString('hex')
}

function ordered<Place>(places: readonly Place[], { isReversed }: Layout): readonly Place[] {
  return isReversed ? places.toReversed() : places
}

function word(value: bigint): Buffer {
  return Buffer.from(BigInt.asUintN(256, value).toString(16).padStart(64, '0'), 'hex')
}
