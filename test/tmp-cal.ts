import * as cities from '../scenarios/cities/cities.ts'
import { calibrate } from '../scenarios/population/calibration/Calibration.ts'
const s = performance.now()
const c = calibrate(cities.read(process.argv[2] ?? 'active-citizen'), { seeds: ['1'], ballotsMax: 100e6, followedMin: 1e6 })
console.log(((performance.now() - s) / 1000).toFixed(1), 's', process.memoryUsage().rss / 1e6)
for (const r of c.rows) console.log(r.name, r.expected, r.low, r.high, r.counted)
console.log(c.problems, c.enumerated, c.detail.districts, c.detail.habit)
