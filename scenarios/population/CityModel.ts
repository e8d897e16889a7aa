import { Type, type Static } from 'typebox'

/** The version of a city model's form. */
export const SCHEMA = 'ballotstorm/city/2'

/** What may be published about a city, and held against the model. */
export const FACT_KINDS = [
  'registered',
  'polls',
  'votes',
  'votesPerPoll',
  'votesPerUser',
  'popularMin',
  'popularMax',
  'peakPerMinute',
] as const
export type FactKind = (typeof FACT_KINDS)[number]

const STRICT = { additionalProperties: false }
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9+-]{0,39}$' })
const Share = Type.Number({ minimum: 0, maximum: 1 })
const Weight = Type.Number({ exclusiveMinimum: 0, maximum: 1e9 })
/** One share for each id of another section; together 1. */
const Shares = Type.Record(Type.String(), Share)

const ActivitySchema = Type.Object(
  {
    id: Id,
    /** How often such a voter votes, against the others: 2 is (while polls are small) twice as often as 1. */
    habit: Weight,
    /** Share of such voters' ballots that is cast in the early part of a poll. */
    earlyShare: Share,
  },
  STRICT,
)

const AgeBandSchema = Type.Object(
  {
    id: Id,
    fromYears: Type.Integer({ minimum: 14, maximum: 120 }),
    toYears: Type.Integer({ minimum: 14, maximum: 120 }),
    /** By activity class. */
    activities: Shares,
  },
  STRICT,
)

const DistrictSchema = Type.Object(
  {
    id: Id,
    /** As a person reads it, in the city's language. */
    name: Type.String({ minLength: 1, maxLength: 80 }),
    /** Registered voters against the other districts. */
    weight: Weight,
    /** How eagerly the district votes: 1 is like the others. */
    turnout: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
    /** Where it lies, from the city's middle: neighbours vote alike. */
    eastKm: Type.Number({ minimum: -1000, maximum: 1000 }),
    northKm: Type.Number({ minimum: -1000, maximum: 1000 }),
    /** By age band. */
    ages: Shares,
  },
  STRICT,
)

const PollsSchema = Type.Object(
  {
    count: Type.Integer({ minimum: 1, maximum: 100_000 }),
    /** Votes in all polls together. */
    votes: Type.Integer({ minimum: 1, maximum: 1e12 }),
    /** The polls that everybody knows: evenly spread over the logarithm from `min` to `max`. */
    popular: Type.Object(
      {
        count: Type.Integer({ minimum: 0, maximum: 100_000 }),
        min: Type.Integer({ minimum: 1, maximum: 2 ** 32 }),
        max: Type.Integer({ minimum: 1, maximum: 2 ** 32 }),
      },
      STRICT,
    ),
    /**
     * The others fall off by rank like exp(−(rank / τ)^tailShape), with τ from `votes`: 1 is an
     * exponential, less a longer tail of small polls.
     */
    tailShape: Type.Number({ minimum: 0.1, maximum: 10 }),
  },
  STRICT,
)

const DaySchema = Type.Object(
  {
    /** Ballots per time, in any unit, with straight lines between; the first opens, the last closes. */
    points: Type.Array(
      Type.Object(
        {
          at: Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$' }),
          weight: Type.Number({ minimum: 0, maximum: 1e9 }),
        },
        STRICT,
      ),
      { minItems: 2, maxItems: 1441 },
    ),
  },
  STRICT,
)

const PublishedSchema = Type.Object(
  {
    fact: Type.Enum(FACT_KINDS),
    value: Weight,
    /** Where it stands written. */
    source: Type.String({ minLength: 1, maxLength: 500 }),
  },
  STRICT,
)

/** The sections of a city model by their names in the file. */
export const SECTIONS = {
  schema: Type.Literal(SCHEMA),
  name: Id,
  description: Type.String({ minLength: 1, maxLength: 2000 }),
  language: Type.Union([Type.Literal('ru'), Type.Literal('en')]),
  /** Registered voters. */
  registered: Type.Integer({ minimum: 1, maximum: 2 ** 32 }),
  activities: Type.Array(ActivitySchema, { minItems: 1, maxItems: 20 }),
  ageBands: Type.Array(AgeBandSchema, { minItems: 1, maxItems: 20 }),
  districts: Type.Array(DistrictSchema, { minItems: 1, maxItems: 500 }),
  /** How far opinions differ between the ends of the city: 0 not at all, 1 clearly, 3 wholly. */
  geography: Type.Number({ minimum: 0, maximum: 10 }),
  polls: PollsSchema,
  day: DaySchema,
  published: Type.Array(PublishedSchema, { maxItems: FACT_KINDS.length }),
}

/** A city as data: what {@link SECTIONS} says, and what `cityProblems` checks beyond it. */
export const Schema = Type.Object(SECTIONS, STRICT)

export type CityModel = Static<typeof Schema>
export type Activity = Static<typeof ActivitySchema>
export type AgeBand = Static<typeof AgeBandSchema>
export type District = Static<typeof DistrictSchema>
export type Polls = Static<typeof PollsSchema>
export type Day = Static<typeof DaySchema>
