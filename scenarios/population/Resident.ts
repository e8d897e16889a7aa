import { Faker, base, en, ru } from '@faker-js/faker'

import type { City } from './City.ts'
import * as Prng from './Prng.ts'

/** A voter as a person reads one. No number of the model comes from here. */
export type Resident = { name: string; street: string }

const LOCALES = { ru: [ru, en, base], en: [en, base] }

/** Name and street of voter `index`, in the language of the city; made up, and the same each time. */
export function create({ model, seed }: City, index: number): Resident {
  const faker = new Faker({ locale: LOCALES[model.language] })
  faker.seed(Math.floor(Prng.create(seed, `resident/${index}`)() * 2 ** 32))
  return { name: faker.person.fullName(), street: faker.location.street() }
}
