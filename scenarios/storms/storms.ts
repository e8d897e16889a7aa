import { activeCitizenDay } from './active-citizen-day/storm.ts'
import { cityDay } from './city-day/storm.ts'
import { peak2017 } from './peak-2017/storm.ts'
import { popularPoll } from './popular-poll/storm.ts'
import { relocation } from './relocation/storm.ts'
import { smoke } from './smoke/storm.ts'
import type { Storm } from './Storm.ts'

/** All scenarios, in the order in which help lists them. */
export const storms: readonly Storm[] = [
  smoke,
  peak2017,
  popularPoll,
  activeCitizenDay,
  relocation,
  cityDay,
]

/** The scenario of that name, or `undefined`. */
export function find(name: string): Storm | undefined {
  return storms.find((storm) => storm.name === name)
}
