import { Faker, base, en, ru } from '@faker-js/faker'

import * as Prng from './Prng.ts'

/** What a poll asks, as a person reads it. */
export type PollText = { question: string; options: string[] }

export type Locale = 'ru' | 'en'

const LOCALES = { ru: [ru, en, base], en: [en, base] }

const QUESTIONS = {
  ru: [
    (street: string) => `Как благоустроить улицу ${street}?`,
    (street: string) => `Что построить на улице ${street} в первую очередь?`,
    (street: string) => `Что изменить в движении на улице ${street}?`,
  ],
  en: [
    (street: string) => `How should ${street} be improved?`,
    (street: string) => `What should be built on ${street} first?`,
    (street: string) => `What should change in the traffic of ${street}?`,
  ],
} as const

const PROJECTS = {
  ru: ['детская площадка', 'сквер', 'велодорожка', 'библиотека', 'спортивный зал', 'парковка'],
  en: ['a playground', 'a garden', 'a cycle path', 'a library', 'a sports hall', 'a car park'],
} as const

const NEITHER = { ru: 'Ничего из перечисленного', en: 'None of these' } as const

const RELOCATION = {
  ru: (address: string) => `Согласны ли вы на переселение на время перестройки дома: ${address}?`,
  en: (address: string) => `Will you move while your house is torn down and rebuilt: ${address}?`,
} as const

const RELOCATION_OPTIONS = { ru: ['Согласен', 'Не согласен'], en: ['I agree', 'I do not'] } as const

/** Houses that stand in one street of one quarter. */
const HOUSES_PER_QUARTER = 20

/**
 * The texts of the poll of building `index`: whether its residents opt in to be moved while it is
 * torn down and rebuilt. No two buildings have one address. Options: opt in, opt out.
 */
export function ofBuilding(seed: string, index: number, locale: Locale): PollText {
  const quarter = Math.floor(index / HOUSES_PER_QUARTER)
  const street = fakerOf(locale, { seed, label: `quarter/${quarter}` }).location.street()
  const house = (index % HOUSES_PER_QUARTER) + 1
  const address =
    locale === 'ru'
      ? `квартал ${quarter + 1}, ${street}, дом ${house}`
      : `quarter ${quarter + 1}, ${house} ${street}`
  return { question: RELOCATION[locale](address), options: [...RELOCATION_OPTIONS[locale]] }
}

/**
 * The texts of poll `index` of a seed: a street of the language's making, and projects to choose
 * from. The last option is always "none of these".
 *
 * @param optionCount - 2 to 7: one for each project and one for none.
 */
export function create(
  seed: string,
  index: number,
  { locale, optionCount }: { locale: Locale; optionCount: number },
): PollText {
  const faker = fakerOf(locale, { seed, label: `poll-text/${index}` })
  const question = faker.helpers.arrayElement(QUESTIONS[locale])(faker.location.street())
  const projects = faker.helpers.arrayElements([...PROJECTS[locale]], optionCount - 1)
  return { question, options: [...projects, NEITHER[locale]] }
}

function fakerOf(locale: Locale, { seed, label }: { seed: string; label: string }): Faker {
  const faker = new Faker({ locale: LOCALES[locale] })
  faker.seed(Math.floor(Prng.create(seed, label)() * 2 ** 32))
  return faker
}
