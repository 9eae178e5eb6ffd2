import { expect, test } from 'vitest'

import { analyseLanguage } from './language-analysis.ts'

test('Names are told apart by the words around them.', () => {
  const { entities } = analyseLanguage(
    'Dr Lena Foss of Kestrel Recovery Ltd met Jonas Adeyemi in Port Averil.',
  )
  expect(entities).toEqual([
    { type: 'person', value: 'Dr Lena Foss' },
    { type: 'organisation', value: 'Kestrel Recovery Ltd' },
    { type: 'name', value: 'Jonas Adeyemi' },
    { type: 'place', value: 'Port Averil' },
  ])
})

test('Dates, times, sums, percentages and addresses are found as they are written.', () => {
  const { entities } = analyseLanguage(
    'On 2 February 2026 at 6:40 am I paid £489.00, €7m and $1,250, less 15%; ask a@example.com.',
  )
  expect(entities).toEqual([
    { type: 'date', value: '2 February 2026' },
    { type: 'time', value: '6:40 am' },
    { type: 'money', value: '£489.00' },
    { type: 'money', value: '€7m' },
    { type: 'money', value: '$1,250' },
    { type: 'percent', value: '15%' },
    { type: 'email', value: 'a@example.com' },
  ])
})

test('What is said twice is reported once.', () => {
  const { entities } = analyseLanguage('It cost £489.00. I want my £489.00 back.')
  expect(entities).toEqual([{ type: 'money', value: '£489.00' }])
})

test('The first word of a sentence is not a name.', () => {
  expect(analyseLanguage('Breakfast was served. Payments arrive late.').entities).toEqual([])
})

test.each([
  ['negative', 'The service was terrible and I am angry.'],
  ['neutral', 'The parcel weighs two kilograms.'],
  ['positive', 'A wonderful stay, we loved it.'],
  ['negative', 'We were not happy.'],
])('The mood is %s: "%s"', (mood, text) => {
  expect(analyseLanguage(text).sentiment).toBe(mood)
})
