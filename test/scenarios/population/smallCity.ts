import * as cities from '../../../scenarios/cities/cities.ts'
import * as City from '../../../scenarios/population/City.ts'
import type { CityModel } from '../../../scenarios/population/CityModel.ts'
import * as Strata from '../../../scenarios/population/Strata.ts'

/** The shipped city at a fiftieth of its size and a tenth of its polls: counted in a moment. */
export function smallCity(): CityModel {
  const model = cities.read('active-citizen')
  return {
    ...model,
    name: 'small-city',
    registered: 40_000,
    polls: {
      count: 345,
      votes: 184_000,
      popular: { count: 12, min: 2740, max: 4400 },
      tailShape: 1,
    },
    published: [
      { fact: 'registered', value: 40_000, source: 'made up' },
      { fact: 'polls', value: 345, source: 'made up' },
      { fact: 'votesPerUser', value: 4.6, source: 'made up' },
      { fact: 'popularMax', value: 4400, source: 'made up' },
    ],
  }
}

/** A mutant: every voter has the same habit. */
export function uniformHabit(model: CityModel): CityModel {
  return {
    ...model,
    activities: model.activities.map((activity) => ({ ...activity, habit: 1 })),
    districts: model.districts.map((district) => ({ ...district, turnout: 1 })),
  }
}

/** A mutant: ballots come alike at all hours. */
export function flatDay(model: CityModel): CityModel {
  return { ...model, day: { points: model.day.points.map(({ at }) => ({ at, weight: 1 })) } }
}

/** District, age band and activity class of a voter. */
export function stratumOf(city: City.City, voterIndex: number): Strata.Stratum {
  return Strata.at(city.strata, City.placeOf(city, voterIndex).stratum)
}
