import * as cities from '../scenarios/cities/cities.ts'
import * as City from '../scenarios/population/City.ts'
import * as DayCurve from '../scenarios/population/DayCurve.ts'
import * as DayArrivals from '../scenarios/population/DayArrivals.ts'
import * as Popularity from '../scenarios/population/Popularity.ts'
import * as Roll from '../scenarios/population/Roll.ts'
import * as CityFiring from '../scenarios/population/CityFiring.ts'
import * as Resident from '../scenarios/population/Resident.ts'
import * as Opinion from '../scenarios/population/Opinion.ts'
const t = (label: string, f: () => unknown) => { const s = performance.now(); const r = f(); console.log(label, (performance.now() - s).toFixed(0), 'ms', r) }
const model = cities.read('active-citizen')
const curve = DayCurve.create(model.day)
const m = DayCurve.minuteShares(curve)
console.log(m.length, Math.max(...m) * 220000, [...m].indexOf(Math.max(...m)))
const city = City.create(model, { seed: '1' })
console.log(city.strata.list.length, Math.min(...city.strata.list.map(s => s.size)), Math.max(...city.strata.list.map(s => s.size)))
let sizes = new Float64Array()
t('popularity', () => { sizes = Popularity.participants(city); const r = Popularity.ranking(sizes).map(i => sizes[i]); return [r[0], r[59], r[60], r.at(-1), sizes.reduce((a, b) => a + b)] })
t('voters 1M place', () => { let x = 0; for (let i = 0; i < 1e6; i++) x += City.placeOf(city, i).offset; return x })
t('voters 1M voter', () => { let x = 0; for (let i = 0; i < 1e6; i++) x += City.voter(city, i).patience.attemptsMax; return x })
t('inverse 1M', () => { let x = 0; for (let i = 0; i < 1e6; i++) { const p = City.placeOf(city, i); if (City.voterAt(city, p.stratum, p.offset) !== i) x++ } return x })
const roll = Roll.create(city, { pollId: 1, participants: 220000 })
const firing = CityFiring.create('1', [roll])
t('ballots 220k', () => { let bad = 0; const seen = new Set(); for (let k = 0; k < 220000; k++) { const { voterIndex } = firing.at(k); seen.add(voterIndex); if (firing.ballotOf(0, voterIndex) !== k) bad++ } return [bad, seen.size] })
t('arrivals', () => { const a = DayArrivals.create(curve, { seed: '1', label: 'x', count: 220000 }); let k = 0, bad = 0, last = 0; for (const i of a.instants()) { if (i < last) bad++; last = i; k++ } return [k, bad, last] })
t('arrivals 12M', () => { const a = DayArrivals.create(curve, { seed: '1', label: 'x', count: 12e6 }); let k = 0, last = 0; for (const i of a.instants()) { if (i < last) k = -1e9; last = i; k++ } return [k, last] })
t('instant(k) 220k', () => { const a = DayArrivals.create(curve, { seed: '1', label: 'x', count: 220000 }); let bad = 0, k = 0; for (const i of a.instants()) { if (a.instant(k++) !== i) bad++ } return bad })
t('rolls of 100 polls bulk', () => { let n = 0; for (let p = 0; p < 100; p++) { const r = Roll.create(city, { pollId: p, participants: sizes[p] ?? 0 }); r.quotas.forEach((q, s) => { for (let j = 0; j < q; j++) n += r.offsetAt(s, j) > -1 ? 1 : 0 }) } return n })
console.log(Resident.create(city, 5), Resident.create({ ...city, model: { ...model, language: 'en' } }, 5))
console.log(Opinion.create(city, { pollId: 1, optionCount: 3 }).districtShares.map(r => [...r].map(x => x.toFixed(2)).join(' ')))
console.log(process.memoryUsage().rss / 1e6)
