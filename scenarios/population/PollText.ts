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
  const faker = new Faker({ locale: LOCALES[locale] })
  faker.seed(Math.floor(Prng.create(seed, `poll-text/${index}`)() * 2 ** 32))
  const question = faker.helpers.arrayElement(QUESTIONS[locale])(faker.location.street())
  const projects = faker.helpers.arrayElements([...PROJECTS[locale]], optionCount - 1)
  return { question, options: [...projects, NEITHER[locale]] }
}
